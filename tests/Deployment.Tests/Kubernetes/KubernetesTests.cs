namespace Aerona.Deployment.Tests.Kubernetes;

public sealed class KubernetesTests
{
    private static readonly string SecretsPage = Tree.Read("k8s/README.md");

    [Fact]
    public void Every_workload_is_hardened_probed_limited_and_reachable() => Assert.Empty(WorkloadRules.Check(Site.Files, SecretsPage));

    [Fact]
    public void The_network_allows_what_the_settings_say_and_nothing_else() => Assert.Empty(NetworkRules.Check(Site.Files));

    public static readonly TheoryData<string, string, string, string> WrongWorkload =
    [
        ("base/booking-service", "      automountServiceAccountToken: false\n", "", "booking-service: automountServiceAccountToken"),
        ("base/booking-service", "automountServiceAccountToken", "automountServiceAcountToken", "booking-service.yaml"),
        ("base/booking-service", "  replicas: 2\n", "  replicas: 2\n  replicas: 3\n", "booking-service.yaml"),
        ("base/booking-service", "  replicas: 2\n", "  replicas: two\n", "booking-service.yaml"),
        ("base/booking-service", "kind: Deployment", "kind: Deploiment", "booking-service.yaml"),
        ("base/booking-service", "apiVersion: policy/v1\nkind: PodDisruptionBudget", "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: x\n---\napiVersion: policy/v1\nkind: PodDisruptionBudget", "no rule knows"),
        ("base/booking-service", "runAsNonRoot: true", "runAsNonRoot: false", "securityContext: a user"),
        ("base/booking-service", "runAsUser: 1654", "runAsUser: 0", "securityContext: a user"),
        ("base/booking-service", "type: RuntimeDefault", "type: Unconfined", "securityContext: a user"),
        ("base/booking-service", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "read-only root"),
        ("base/booking-service", "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "no escalation"),
        ("base/booking-service", "drop: [ALL]", "drop: [NET_RAW]", "no capabilities"),
        ("base/booking-service", "drop: [ALL]", "drop: [ALL], add: [NET_ADMIN]", "no capabilities"),
        ("base/booking-service", "      enableServiceLinks: false\n", "      hostNetwork: true\n", "nothing of the host"),
        ("base/booking-service", "aerona/booking-service:0.1.0", "aerona/booking-service:latest", "booking-service: image"),
        ("base/booking-service", "aerona/booking-service:0.1.0", "aerona/payment-service:0.1.0", "booking-service: image"),
        ("base/booking-service", "          image:", "          command: [sh]\n          image:", "command"),
        ("base/booking-service", "containerPort: 8080", "containerPort: 80", "where the image listens"),
        ("base/booking-service", "port: 8080, targetPort: http", "port: 80, targetPort: http", "Service: port"),
        ("base/booking-service", "port: 8080, targetPort: http", "port: 8080, targetPort: web", "Service: port"),
        ("base/booking-service", "maxUnavailable: 0", "maxUnavailable: 1", "strategy"),
        ("base/booking-service", "terminationGracePeriodSeconds: 40", "terminationGracePeriodSeconds: 5", "terminationGracePeriodSeconds"),
        ("base/booking-service", "  minAvailable: 1\n", "  minAvailable: 0\n", "PodDisruptionBudget"),
        ("base/booking-service", "  replicas: 2\n", "  replicas: 1\n", "PodDisruptionBudget"),
        ("base/booking-service", "path: /health/ready", "path: /health/live", "readinessProbe"),
        ("base/booking-service", "path: /health/live", "path: /", "startupProbe"),
        ("base/booking-service", "cpu: 100m", "cpu: \"4\"", "resources: cpu"),
        ("base/booking-service", "limits: { cpu: \"1\", memory: 384Mi, ", "limits: { cpu: \"1\", ", "resources: memory"),
        ("base/booking-service", "emptyDir: { sizeLimit: 64Mi }", "hostPath: { path: /tmp }", "volume tmp"),
        ("base/booking-service", "emptyDir: { sizeLimit: 64Mi }", "emptyDir: {}", "volume tmp"),
        ("base/booking-service", "defaultMode: 0440", "defaultMode: 0444", "volume signing-key"),
        ("base/booking-service", "mountPath: /data", "mountPath: /database", "/data: somewhere to write"),
        ("base/booking-service", "mountPath: /run/secrets/aerona", "mountPath: /run/secrets", "the files that its settings name"),
        ("base/booking-service", "configMapRef: { name: bus }", "configMapRef: { name: buss }", "ConfigMap buss: there is none"),
        ("base/booking-service", "name: bookings, key: database", "name: payments, key: database", "secret payments is not its own"),
        ("base/booking-service", "name: bookings, key: database", "name: bookings, key: db", "does not say what it is"),
        ("base/booking-service", "valueFrom: { secretKeyRef: { name: bookings, key: broker-password } }", "value: guest", "RabbitMq__Password: a secret from a secret"),
        ("base/booking-service", "apiVersion: v1\nkind: Service", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\n---\napiVersion: v1\nkind: Service", "secrets: never here"),
        ("base/settings", "  ASPNETCORE_ENVIRONMENT: Production", "  ASPNETCORE_ENVIRONMENT: Production\n  PayPal__ClientSecret: x", "belongs in a secret"),
        ("base/settings", "  name: booking-service", "  name: bookings-service", "ConfigMap bookings-service: nobody reads it"),
        ("base/namespace", "enforce: restricted", "enforce: baseline", "namespace"),
        ("base/ingress", "name: gateway, port", "name: booking-service, port", "ingress"),
        ("base/ingress", "hosts: [aerona.example]", "hosts: [other.example]", "ingress"),
        ("base/kustomization", "  - payment-service.yaml\n", "", "lists other files"),
        ("base/kustomization", "resources:", "resource:", "resource"),
        ("base/kustomization", "namespace: aerona", "namespace: default", "a Kustomization of the namespace"),
        ("sandbox/kustomization", "  - path: airline-integration-service.yaml\n", "", "k8s/sandbox/kustomization.yaml: lists other files"),
        ("sandbox/settings", "  name: platform", "  name: platforms", "patch of ConfigMap platforms"),
        ("sandbox/airline-integration-service", "name: airline-integration-service", "name: airlines", "patch of Deployment airlines"),
    ];

    [Theory]
    [MemberData(nameof(WrongWorkload))]
    public void A_manifest_that_breaks_a_rule_is_found(string file, string find, string replace, string problem) =>
        Assert.Contains(WorkloadRules.Check(With(file, find, replace), SecretsPage), found => found.Contains(problem));

    public static readonly TheoryData<string, string, string, string> WrongNetwork =
    [
        ("base/network-policies", "  name: default-deny\nspec:\n  podSelector: {}\n  policyTypes: [Ingress, Egress]", "  name: default-deny\nspec:\n  podSelector: {}\n  policyTypes: [Ingress]", "nobody to nobody"),
        ("base/network-policies", "  name: booking-service\nspec:\n  podSelector:\n    matchLabels: { app.kubernetes.io/name: booking-service }", "  name: booking-service\nspec:\n  podSelector:\n    matchLabels: { app.kubernetes.io/name: bookings }", "booking-service to postgres:5432: is needed and not allowed"),
        ("base/network-policies", "port: 6379", "port: 6380", "booking-service to valkey:6380: is allowed and nobody is told to"),
        ("base/network-policies", "port: 587", "port: 25", "notification-service to the internet:587: is needed and not allowed"),
        ("base/network-policies", "cidr: 0.0.0.0/0, except: [10.0.0.0/8, ", "cidr: 0.0.0.0/0, except: [", "payment-service to everywhere:443: is allowed"),
        ("base/network-policies", "            matchLabels: { kubernetes.io/metadata.name: ingress-nginx }", "            matchLabels: { kubernetes.io/metadata.name: default }", "ingress-nginx to gateway:8080: is needed and not let in"),
        ("base/settings", "  Services__Airlines: http://airline-integration-service:8080\n---", "  Services__Airlines: http://flight-search-service:8080\n---", "booking-service to flight-search-service:8080: is needed and not allowed"),
        ("base/settings", "RabbitMq__Port: \"5671\"", "RabbitMq__Port: \"5672\"", "booking-service to rabbitmq:5672: is needed and not allowed"),
        ("base/ticket-service", "            - configMapRef: { name: documents }\n", "", "ticket-service to s3:443: is allowed and nobody is told to"),
        ("sandbox/network-policies", "  name: payment-service-with-sandbox\nspec:\n  podSelector:\n    matchLabels: { app.kubernetes.io/name: payment-service }", "  name: payment-service-with-sandbox\nspec:\n  podSelector:\n    matchLabels: { app.kubernetes.io/name: booking-service }", "sandbox: payment-service to sandbox:8080: is needed and not allowed"),
    ];

    [Theory]
    [MemberData(nameof(WrongNetwork))]
    public void A_network_that_allows_too_much_or_too_little_is_found(string file, string find, string replace, string problem) =>
        Assert.Contains(NetworkRules.Check(With(file, find, replace)), found => found.Contains(problem));

    private static Dictionary<string, string> With(string file, string find, string replace) =>
        Site.Files.ToDictionary(one => one.Key, one => one.Key == $"k8s/{file}.yaml" ? Mutation.Of(one.Value, find, replace) : one.Value);
}

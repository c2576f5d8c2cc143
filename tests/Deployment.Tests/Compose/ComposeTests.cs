namespace Aerona.Deployment.Tests.Compose;

public sealed class ComposeTests(SecretFiles secrets)
{
    private static readonly string Text = Tree.Read("docker-compose.yml");

    [Fact]
    public void The_file_keeps_to_every_rule() => Assert.Empty(ComposeRules.Check(Text, secrets.Variables));

    public static readonly TheoryData<string, string, string> Wrong =
    [
        // what Compose itself would or would not notice
        ("  booking-service:\n    <<: *service\n", "  booking-service:\n    <<: *service\n    privileged: true\n", "docker-compose.yml"),
        ("  booking-service:\n    <<: *service\n", "  booking-service:\n    <<: *service\n    depend_on: {}\n", "docker-compose.yml"),
        ("SERVICE: Bookings } }\n", "SERVICE: Bookings } }\n    image: x\n", "docker-compose.yml"),
        ("SERVICE: Bookings", "SERVICE: Payments", "booking-service: is not built from services/Bookings"),
        ("\n  flight-search-service:\n", "\n  search-service:\n", "flight-search-service: is not built"),
        ("\n  flight-search-service:\n", "\n  search-service:\n", "search-service: neither a service"),
        // hardening
        ("image: rabbitmq:4.3.3", "image: rabbitmq:latest", "rabbitmq: image"),
        ("image: rabbitmq:4.3.3", "image: rabbitmq:4", "rabbitmq: image"),
        ("image: rabbitmq:4.3.3", "image: rabbitmq", "rabbitmq: image"),
        ("image: aerona/booking-service:dev", "image: aerona/payment-service:dev", "booking-service: image"),
        ("  read_only: true\n  cap_drop", "  cap_drop", "read_only: true"),
        ("cap_drop: [ALL]", "cap_drop: [NET_RAW]", "cap_drop"),
        ("no-new-privileges:true", "seccomp:unconfined", "security_opt"),
        ("  restart: unless-stopped\n", "  restart: \"no\"\n", "restart"),
        ("user: \"999:999\"", "user: \"0:0\"", "postgres: user"),
        ("user: \"999:999\"", "user: postgres", "postgres: user"),
        ("    tmpfs: [\"/tmp:size=16m,mode=1777\", \"/data:size=1m,mode=1777\"]\n", "", "valkey: tmpfs"),
        ("max-size: 10m", "max-files: \"10\"", "logging"),
        // limits and health
        ("{ cpus: \"0.5\", memory: 256M, pids: 64 }", "{ memory: 256M, pids: 64 }", "valkey: limits.cpus"),
        ("{ cpus: \"0.5\", memory: 256M, pids: 64 }", "{ cpus: \"0.5\", memory: lots, pids: 64 }", "valkey: limits.memory"),
        ("{ cpus: \"1.0\", memory: 384M, pids: 256 }", "{ cpus: \"1.0\", memory: 384M }", "limits.pids"),
        ("stop_grace_period: 40s", "stop_grace_period: 10s", "stop_grace_period"),
        ("[CMD, /app/service, healthcheck]", "[CMD, curl, http://localhost:8080/health/ready]", "healthcheck.test"),
        ("[CMD, /mailpit, readyz]", "[/mailpit, readyz]", "mailpit: healthcheck.test"),
        ("    start_period: 90s\n    start_interval: 3s\n", "", "healthcheck: interval"),
        // order
        ("postgres: { condition: service_healthy }\n  rabbitmq", "postgres: { condition: service_started }\n  rabbitmq", "depends_on postgres: until it is healthy"),
        ("      valkey: { condition: service_healthy }", "      redis: { condition: service_healthy }", "depends_on redis: there is none"),
        ("      valkey: { condition: service_healthy }", "      elasticsearch: { condition: service_healthy }", "which is not always there"),
        ("      valkey: { condition: service_healthy }\n", "", "ConnectionStrings__redis: depends_on valkey"),
        ("    depends_on:\n      postgres: { condition: service_healthy }\n\n", "    depends_on:\n      postgres: { condition: service_healthy }\n      payment-service: { condition: service_healthy }\n\n", "goes round"),
        ("    profiles: [elasticsearch]\n", "", "nobody needs it who does not ask"),
        // doors
        ("host_ip: 127.0.0.1", "host_ip: 0.0.0.0", "gateway: ports: one, on 127.0.0.1"),
        ("target: 8080, published: \"5080\"", "target: 80, published: \"5080\"", "gateway: ports: target"),
        ("published: \"8025\"", "published: \"5080\"", "published twice"),
        ("    hostname: rabbitmq", "    ports: [{ target: 5672, published: \"5672\", host_ip: 127.0.0.1, protocol: tcp }]\n    hostname: rabbitmq", "rabbitmq: ports: only the gateway"),
        // files and secrets
        ("      - { type: volume, source: postgres, target", "      - { type: volume, source: postgresql, target", "postgresql: is not declared"),
        ("  documents: {}", "  documents: {}\n  more: {}", "volume more: nobody mounts it"),
        (".ci/compose/s3/start.sh", ".ci/compose/s3/begin.sh", "s3: mount ./.ci/compose/s3/begin.sh: there is no such file"),
        (".secrets/signing.pem", ".secrets/signing.key", "there is no such file"),
        (".secrets/bookings.env", ".secrets/booking.env", "booking-service: env_file"),
        (".secrets/bookings.env", ".secrets/payments.env", "booking-service: env_file: its own only"),
        ("{ path: .secrets/bookings.env, required: true }", "{ path: .secrets/bookings.env, required: false }", "booking-service: env_file"),
        ("target: /start.sh, read_only: true", "target: /start.sh, read_only: false", "read-only"),
        ("    environment:\n      AERONA_S3_BUCKET", "    environment:\n      AERONA_S3_TICKETS_SECRET_KEY: abc\n      AERONA_S3_BUCKET", "s3: AERONA_S3_TICKETS_SECRET_KEY: belongs in .secrets/"),
        ("PayPal__ClientId: aerona-sandbox", "PayPal__ClientSecret: ${PAYPAL_SECRET:-sandbox}", "a variable that ./aerona secrets writes"),
        ("${AERONA_UID:?run ./aerona secrets first}", "${AERONA_UID:-1000}", "a variable that ./aerona secrets writes"),
        ("    hostname: rabbitmq   # its data are kept under this name\n    user: \"${AERONA_UID:?run ./aerona secrets first}:${AERONA_GID:?run ./aerona secrets first}\"", "    user: \"999:999\"", "rabbitmq: user: who owns"),
        // addresses
        ("Services__Payments: http://payment-service:8080", "Services__Payments: http://payments-service:8080", "there is no payments-service here"),
        ("Services__Payments: http://payment-service:8080", "Services__Payments: http://payment-service:80", "does not listen on 80"),
        ("Services__Payments: http://payment-service:8080", "Services__Payments: http://booking-service:8080", "Services__Payments: is not booking-service"),
        ("RabbitMq__Host: rabbitmq", "RabbitMq__Host: broker", "there is no broker here"),
        ("S3__Endpoint: http://s3:8333", "S3__Endpoint: http://s3:9000", "does not listen on 9000"),
        ("S3__PublicEndpoint: http://localhost:8333", "S3__PublicEndpoint: http://localhost:9000", "nothing is published on 9000"),
        ("Smtp__Port: \"1025\"", "Smtp__Port: \"25\"", "does not listen on 25"),
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_file_that_breaks_a_rule_is_found(string find, string replace, string problem) =>
        Assert.Contains(ComposeRules.Check(Mutation.Of(Text, find, replace), secrets.Variables), found => found.Contains(problem));

    [Fact]
    public void A_secret_written_into_the_file_is_found()
    {
        var password = secrets.Variables["mailpit.env"]["MP_SMTP_AUTH"].Split(':')[1];

        Assert.Contains("mailpit: a secret stands in the file", ComposeRules.Check(Text.Replace("MP_MAX_MESSAGES: \"5000\"", $"MP_MAX_MESSAGES: \"{password}\""), secrets.Variables));
    }

    [Fact]
    public void A_service_gets_its_own_secrets_and_nobody_elses()
    {
        var compose = ComposeFile.Read(Text);
        foreach (var service in Service.All)
        {
            var mine = ComposeRules.Variables(compose.Services[service.Name], secrets.Variables);
            foreach (var other in Service.All.Where(other => other != service && other.Module != "gateway"))
            {
                var connection = secrets.Variables[$"{other.Module}.env"][$"ConnectionStrings__{other.Module}"];
                Assert.DoesNotContain(connection, mine.Values);
            }
        }
    }

    [Fact]
    public void The_variables_that_the_file_takes_from_outside_are_written_by_the_script()
    {
        var script = Tree.Read("aerona");

        Assert.Contains("\"AERONA_UID=$user\"", script);
        Assert.Contains("\"AERONA_GID=$group\"", script);
        Assert.Contains(">>.env", script);
    }

    [Fact]
    public void The_start_scripts_ask_for_the_variables_that_the_secrets_set()
    {
        Assert.All(secrets.Variables["s3.env"].Keys.Append("AERONA_S3_BUCKET"), variable => Assert.Contains($"${{{variable}:?is not set}}", Tree.Read(".ci/compose/s3/start.sh")));
        Assert.All(secrets.Variables["valkey.env"].Keys, variable => Assert.Contains($"${{{variable}:?is not set}}", Tree.Read(".ci/compose/valkey/start.sh")));
        var databases = Tree.Read(".ci/compose/postgres/create-databases.sh").Split("for database in ")[1].Split(';')[0].Split(' ');
        Assert.Equal(
            secrets.Variables["postgres.env"].Keys.Where(variable => variable.StartsWith("AERONA_", StringComparison.Ordinal)),
            databases.Select(database => $"AERONA_{database.ToUpperInvariant()}_PASSWORD"));
    }
}

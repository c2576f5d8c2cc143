namespace Aerona.Deployment.Tests.Compose;

public sealed class ComposeTests(SecretFiles secrets)
{
    private static readonly string Text = Tree.Read("docker-compose.yml");

    [Fact]
    public void The_file_keeps_to_every_rule() => Assert.Empty(ComposeRules.Check(Text, secrets.Variables));

    public static readonly TheoryData<Mutation> Wrong =
    [
        // what Compose itself would or would not notice
        new("  booking-service:\n    <<: *service\n", "  booking-service:\n    <<: *service\n    privileged: true\n", "docker-compose.yml"),
        new("  booking-service:\n    <<: *service\n", "  booking-service:\n    <<: *service\n    depend_on: {}\n", "docker-compose.yml"),
        new("SERVICE: Bookings } }\n", "SERVICE: Bookings } }\n    image: x\n", "docker-compose.yml"),
        new("SERVICE: Bookings", "SERVICE: Payments", "booking-service: is not built from services/Bookings"),
        new("\n  flight-search-service:\n", "\n  search-service:\n", "flight-search-service: is not built"),
        new("\n  flight-search-service:\n", "\n  search-service:\n", "search-service: neither a service"),
        // hardening
        new("image: rabbitmq:4.3.3", "image: rabbitmq:latest", "rabbitmq: image"),
        new("image: rabbitmq:4.3.3", "image: rabbitmq:4", "rabbitmq: image"),
        new("image: rabbitmq:4.3.3", "image: rabbitmq", "rabbitmq: image"),
        new("image: aerona/booking-service:dev", "image: aerona/payment-service:dev", "booking-service: image"),
        new("  read_only: true\n  cap_drop", "  cap_drop", "read_only: true"),
        new("cap_drop: [ALL]", "cap_drop: [NET_RAW]", "cap_drop"),
        new("no-new-privileges:true", "seccomp:unconfined", "security_opt"),
        new("  restart: unless-stopped\n", "  restart: \"no\"\n", "restart"),
        new("user: \"999:999\"", "user: \"0:0\"", "postgres: user"),
        new("user: \"999:999\"", "user: postgres", "postgres: user"),
        new("    tmpfs: [\"/tmp:size=16m,mode=1777\", \"/data:size=1m,mode=1777\"]\n", "", "valkey: tmpfs"),
        new("max-size: 10m", "max-files: \"10\"", "logging"),
        // limits and health
        new("{ cpus: \"0.5\", memory: 256M, pids: 64 }", "{ memory: 256M, pids: 64 }", "valkey: limits.cpus"),
        new("{ cpus: \"0.5\", memory: 256M, pids: 64 }", "{ cpus: \"0.5\", memory: lots, pids: 64 }", "valkey: limits.memory"),
        new("{ cpus: \"1.0\", memory: 384M, pids: 256 }", "{ cpus: \"1.0\", memory: 384M }", "limits.pids"),
        new("stop_grace_period: 40s", "stop_grace_period: 10s", "stop_grace_period"),
        new("[CMD, /app/service, healthcheck]", "[CMD, curl, http://localhost:8080/health/ready]", "healthcheck.test"),
        new("[CMD, /mailpit, readyz]", "[/mailpit, readyz]", "mailpit: healthcheck.test"),
        new("    start_period: 90s\n    start_interval: 3s\n", "", "healthcheck: interval"),
        // order
        new("postgres: { condition: service_healthy }\n  rabbitmq", "postgres: { condition: service_started }\n  rabbitmq", "depends_on postgres: until it is healthy"),
        new("      valkey: { condition: service_healthy }", "      redis: { condition: service_healthy }", "depends_on redis: there is none"),
        new("      valkey: { condition: service_healthy }", "      elasticsearch: { condition: service_healthy }", "which is not always there"),
        new("      valkey: { condition: service_healthy }\n", "", "ConnectionStrings__redis: depends_on valkey"),
        new("    depends_on:\n      postgres: { condition: service_healthy }\n\n", "    depends_on:\n      postgres: { condition: service_healthy }\n      payment-service: { condition: service_healthy }\n\n", "goes round"),
        new("    profiles: [elasticsearch]\n", "", "nobody needs it yet"),
        // doors
        new("host_ip: 127.0.0.1", "host_ip: 0.0.0.0", "gateway: ports: one, on 127.0.0.1"),
        new("target: 8080, published: \"5080\"", "target: 80, published: \"5080\"", "gateway: ports: target"),
        new("published: \"8025\"", "published: \"5080\"", "published twice"),
        new("    hostname: rabbitmq", "    ports: [{ target: 5672, published: \"5672\", host_ip: 127.0.0.1, protocol: tcp }]\n    hostname: rabbitmq", "rabbitmq: ports: only the gateway"),
        // files and secrets
        new("      - { type: volume, source: postgres, target", "      - { type: volume, source: postgresql, target", "postgresql: is not declared"),
        new("  documents: {}", "  documents: {}\n  more: {}", "volume more: nobody mounts it"),
        new("deploy/s3/start.sh", "deploy/s3/begin.sh", "s3: mount ./deploy/s3/begin.sh: there is no such file"),
        new(".secrets/signing.pem", ".secrets/signing.key", "there is no such file"),
        new(".secrets/bookings.env", ".secrets/booking.env", "booking-service: env_file"),
        new(".secrets/bookings.env", ".secrets/payments.env", "booking-service: env_file: its own only"),
        new("{ path: .secrets/bookings.env, required: true }", "{ path: .secrets/bookings.env, required: false }", "booking-service: env_file"),
        new("target: /start.sh, read_only: true", "target: /start.sh, read_only: false", "read-only"),
        new("    environment:\n      AERONA_S3_BUCKET", "    environment:\n      AERONA_S3_TICKETS_SECRET_KEY: abc\n      AERONA_S3_BUCKET", "s3: AERONA_S3_TICKETS_SECRET_KEY: belongs in .secrets/"),
        new("PayPal__ClientId: aerona-sandbox", "PayPal__ClientSecret: ${PAYPAL_SECRET:-sandbox}", "a variable that ./aerona secrets writes"),
        new("${AERONA_UID:?run ./aerona secrets first}", "${AERONA_UID:-1000}", "a variable that ./aerona secrets writes"),
        new("    hostname: rabbitmq   # its data are kept under this name\n    user: \"${AERONA_UID:?run ./aerona secrets first}:${AERONA_GID:?run ./aerona secrets first}\"", "    user: \"999:999\"", "rabbitmq: user: who owns"),
        // addresses
        new("Services__Payments: http://payment-service:8080", "Services__Payments: http://payments-service:8080", "there is no payments-service here"),
        new("Services__Payments: http://payment-service:8080", "Services__Payments: http://payment-service:80", "does not listen on 80"),
        new("Services__Payments: http://payment-service:8080", "Services__Payments: http://booking-service:8080", "Services__Payments: is not booking-service"),
        new("RabbitMq__Host: rabbitmq", "RabbitMq__Host: broker", "there is no broker here"),
        new("S3__Endpoint: http://s3:8333", "S3__Endpoint: http://s3:9000", "does not listen on 9000"),
        new("Smtp__Port: \"1025\"", "Smtp__Port: \"25\"", "does not listen on 25"),
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_file_that_breaks_a_rule_is_found(Mutation mutation) =>
        Assert.Contains(ComposeRules.Check(mutation.Of(Text), secrets.Variables), problem => problem.Contains(mutation.Problem));

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
        Assert.All(secrets.Variables["s3.env"].Keys.Append("AERONA_S3_BUCKET"), variable => Assert.Contains($"${{{variable}:?is not set}}", Tree.Read("deploy/s3/start.sh")));
        Assert.All(secrets.Variables["valkey.env"].Keys, variable => Assert.Contains($"${{{variable}:?is not set}}", Tree.Read("deploy/valkey/start.sh")));
        var databases = Tree.Read("deploy/postgres/create-databases.sh").Split("for database in ")[1].Split(';')[0].Split(' ');
        Assert.Equal(
            secrets.Variables["postgres.env"].Keys.Where(variable => variable.StartsWith("AERONA_", StringComparison.Ordinal)),
            databases.Select(database => $"AERONA_{database.ToUpperInvariant()}_PASSWORD"));
    }
}

namespace Aerona.Deployment.Tests.Pipeline;

public sealed class PipelineTests
{
    private static readonly string Text = Tree.Read(".gitlab-ci.yml");

    [Fact]
    public void The_pipeline_builds_tests_makes_images_and_deploys_by_hand() => Assert.Empty(PipelineRules.Check(Text));

    public static readonly TheoryData<string, string, string> Wrong =
    [
        ("stages: [build, test, image, deploy]", "stages: [build, image, deploy]", "stages"),
        ("  stage: test\n", "  stage: tests\n", "test: stage tests"),
        ("  stage: test\n", "  stage: test\n  srcipt: []\n", ".gitlab-ci.yml"),
        ("  stage: test\n", "  stage: test\n  stage: build\n", ".gitlab-ci.yml"),
        ("  extends: .dotnet", "  extends: .dotnets", "there is none"),
        ("dotnet/sdk:10.0-noble", "dotnet/sdk:latest", "of a version"),
        ("dotnet/sdk:10.0-noble", "dotnet/sdk:9.0-noble", "with the SDK of global.json"),
        ("quay.io/buildah/stable:v1.43.1", "quay.io/buildah/stable", "image: image quay.io"),
        ("  needs: [build]", "  needs: [deploy]", "test: needs deploy"),
        ("  needs: [test]", "  needs: [tests]", "image: needs tests"),
        ("  needs: [image]", "  needs: [test]", "deploy: what was built"),
        (" --locked-mode", "", "restores what is locked"),
        ("    - dotnet format Aerona.sln --verify-no-changes --no-restore\n", "", "checks the formatting"),
        ("    - ./.ci/run", "    - dotnet test", "./.ci/run"),
        ("junit: artifacts/*.junit.xml", "junit: results/*.xml", "reports"),
        ("    when: always\n", "", "reports, also of what failed"),
        ("      - { SERVICE: Tickets, NAME: ticket-service }\n", "", "every service once"),
        ("SERVICE: Tickets, NAME: ticket-service", "SERVICE: Tickets, NAME: tickets", "every service once"),
        ("SERVICE: Tickets, NAME: ticket-service", "SERVICE: Ticket, NAME: ticket-service", "every service once"),
        ("SERVICE=$SERVICE", "PROJECT=$SERVICE", "the Dockerfile's SERVICE"),
        ("--digestfile \"$NAME.digest\" ", "", "hands its digest on"),
        ("elasticsearch/elasticsearch:9.4.4", "elasticsearch/elasticsearch:latest", "elasticsearch: services"),
        ("  variables:\n    STORAGE_DRIVER", "  variables:\n    REGISTRY_PASSWORD: hunter2\n    STORAGE_DRIVER", "REGISTRY_PASSWORD"),
        ("--password-stdin", "--password hunter2", "a password on a command line"),
        ("paths: [.nuget/packages/]", "paths: [packages/]", "caches where packages are not"),
        ("services/AllInOne/packages.lock.json", "packages.lock.json", "cache.key.files"),
        ("      when: manual\n", "", "by hand"),
        ("  resource_group: production\n", "", "one at a time"),
        ("@$(cat \"$digest\")", ":$CI_COMMIT_SHA", "by digest"),
        ("cd k8s/base", "cd k8s", "k8s/base"),
        ("merge_request_event", "push", "merge requests"),
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_pipeline_that_breaks_a_rule_is_found(string find, string replace, string problem) =>
        Assert.Contains(PipelineRules.Check(Mutation.Of(Text, find, replace)), found => found.Contains(problem));
}

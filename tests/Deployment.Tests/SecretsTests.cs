using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aerona.Messaging;

namespace Aerona.Deployment.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class SecretsTests(SecretFiles secrets)
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public void Folder_and_files_are_their_owners_alone()
    {
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(secrets.Folder));
        Assert.All(Directory.GetFiles(secrets.Folder), file => Assert.Equal(Owner, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void Made_again_they_stay_as_they_are()
    {
        var before = Content(secrets.Folder);

        Assert.Equal(0, SecretFiles.Make(secrets.Folder));

        Assert.Equal(before, Content(secrets.Folder));
    }

    [Fact]
    public void What_is_lost_is_made_again_from_the_values_and_a_new_value_changes_no_other()
    {
        using var other = new SecretFiles();
        var before = Content(other.Folder);
        File.Delete(Path.Combine(other.Folder, "bookings.env"));
        var values = Path.Combine(other.Folder, "values.env");
        File.WriteAllLines(values, File.ReadLines(values).Where(line => !line.StartsWith("MAIL=", StringComparison.Ordinal)).ToList());

        Assert.Equal(0, SecretFiles.Make(other.Folder));

        var after = Content(other.Folder);
        Assert.Equal(before["bookings.env"], after["bookings.env"]);
        Assert.Equal(["mailpit.env", "notifications.env", "values.env"], before.Keys.Where(file => before[file] != after[file]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("MAIL=short")]
    [InlineData("MAIL")]
    [InlineData("MAIL=with-a-sign-that-shells-and-urls-read")]
    public void A_value_that_cannot_be_used_is_refused_with_its_line(string line)
    {
        using var other = new SecretFiles();
        var values = Path.Combine(other.Folder, "values.env");
        File.WriteAllLines(values, [.. File.ReadLines(values).Where(one => !one.StartsWith("MAIL=", StringComparison.Ordinal)), line]);
        var before = Content(other.Folder);

        var (code, error) = WithError(() => SecretFiles.Make(other.Folder));

        Assert.Equal(2, code);
        Assert.Contains($"line {File.ReadLines(values).Count()}", error);
        Assert.Equal(before, Content(other.Folder));
    }

    [Fact]
    public void Two_installations_share_no_value_and_every_value_is_long()
    {
        using var other = new SecretFiles();

        var mine = secrets.Variables["values.env"];
        var others = other.Variables["values.env"];

        Assert.Equal(mine.Keys.Order(StringComparer.Ordinal), others.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(mine.Values.Intersect(others.Values));
        Assert.Equal(mine.Count, mine.Values.Distinct().Count());
        Assert.All(mine.Values, value => Assert.True(value.Length >= 40));
        Assert.NotEqual(File.ReadAllText(Path.Combine(secrets.Folder, "signing.pem")), File.ReadAllText(Path.Combine(other.Folder, "signing.pem")));
    }

    [Fact]
    public void The_brokers_users_have_the_rights_that_the_code_says_and_the_passwords_that_the_services_get()
    {
        using var definitions = JsonDocument.Parse(File.ReadAllText(Path.Combine(secrets.Folder, "rabbitmq-definitions.json")));
        var root = definitions.RootElement;
        var modules = Service.All.Select(service => service.Module).Except(["gateway", "sandbox"]).Order(StringComparer.Ordinal).ToList();

        Assert.Equal(["aerona"], root.GetProperty("vhosts").EnumerateArray().Select(vhost => vhost.GetProperty("name").GetString()));
        Assert.Equal(modules, root.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("name").GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal(modules, root.GetProperty("permissions").EnumerateArray().Select(user => user.GetProperty("user").GetString()!).Order(StringComparer.Ordinal));
        foreach (var user in root.GetProperty("users").EnumerateArray())
        {
            var name = user.GetProperty("name").GetString()!;
            var hash = Convert.FromBase64String(user.GetProperty("password_hash").GetString()!);
            var password = secrets.Variables[$"{name}.env"]["RabbitMq__Password"];
            Assert.Equal(name, secrets.Variables[$"{name}.env"]["RabbitMq__Username"]);
            Assert.Equal(hash[4..], SHA256.HashData([.. hash[..4], .. Encoding.UTF8.GetBytes(password)]));
            Assert.Equal("rabbit_password_hashing_sha256", user.GetProperty("hashing_algorithm").GetString());
            Assert.Equal(0, user.GetProperty("tags").GetArrayLength());   // no management, no administration
        }

        foreach (var permission in root.GetProperty("permissions").EnumerateArray())
        {
            var rights = RabbitMqRights.Of(permission.GetProperty("user").GetString()!);
            Assert.Equal("aerona", permission.GetProperty("vhost").GetString());
            Assert.Equal(
                (rights.Configure, rights.Write, rights.Read),
                (permission.GetProperty("configure").GetString(), permission.GetProperty("write").GetString(), permission.GetProperty("read").GetString()));
        }
    }

    [Fact]
    public void The_signing_key_is_one_that_tokens_can_be_signed_with()
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(secrets.Folder, "signing.pem")));

        Assert.Equal(ECCurve.NamedCurves.nistP256.Oid.Value, key.ExportParameters(includePrivateParameters: true).Curve.Oid.Value);
    }

    [Fact]
    public void Neither_secrets_nor_their_settings_go_into_git()
    {
        Assert.Contains("/.secrets/", Tree.Read(".gitignore").Split('\n'));
        Assert.Contains("/.env", Tree.Read(".gitignore").Split('\n'));
    }

    private static SortedDictionary<string, string> Content(string folder) =>
        new(Directory.GetFiles(folder).ToDictionary(file => Path.GetFileName(file), File.ReadAllText), StringComparer.Ordinal);

    private static (int Code, string Error) WithError(Func<int> run)
    {
        var original = Console.Error;
        using var error = new StringWriter();
        Console.SetError(error);
        try
        {
            return (run(), error.ToString());
        }
        finally
        {
            Console.SetError(original);
        }
    }
}

using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Users.Accounts;
using Aerona.Users.Connect;
using Aerona.Users.Keys;
using Aerona.Users.Leaving;
using Aerona.Users.SigningIn;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Users.Data;

internal sealed class UsersDbContext(DbContextOptions<UsersDbContext> options) : DbContext(options)
{
    public DbSet<Account> Users => Set<Account>();

    public DbSet<AccountRole> AccountRoles => Set<AccountRole>();

    public DbSet<RecoveryCode> RecoveryCodes => Set<RecoveryCode>();

    public DbSet<MailedLink> MailedLinks => Set<MailedLink>();

    public DbSet<Session> Sessions => Set<Session>();

    public DbSet<Throttle> Throttles => Set<Throttle>();

    public DbSet<KnownDevice> KnownDevices => Set<KnownDevice>();

    public DbSet<PasskeyChallenge> PasskeyChallenges => Set<PasskeyChallenge>();

    public DbSet<SigningKey> SigningKeys => Set<SigningKey>();

    public DbSet<AccountRequest> AccountRequests => Set<AccountRequest>();

    public DbSet<AccountAnswer> AccountAnswers => Set<AccountAnswer>();

    public DbSet<Client> Clients => Set<Client>();

    public DbSet<ClientSecret> ClientSecrets => Set<ClientSecret>();

    public DbSet<Grant> Grants => Set<Grant>();

    public DbSet<Token> Tokens => Set<Token>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseAeronaConventions();

    /// <summary>Of Identity's tables only the two that are used, under names of our own; its stores find them by their classes.</summary>
    protected override void OnModelCreating(ModelBuilder builder)
    {
        builder.Entity<Account>(account =>
        {
            account.Property(row => row.Id).ValueGeneratedNever();
            account.Ignore(row => row.PhoneNumber).Ignore(row => row.PhoneNumberConfirmed).Ignore(row => row.LockoutEnabled).Ignore(row => row.LockoutEnd).Ignore(row => row.AccessFailedCount);
            account.Property(row => row.Name).HasMaxLength(100);
            account.Property(row => row.ConcurrencyStamp).IsConcurrencyToken();
            account.HasIndex(row => row.NormalizedUserName).IsUnique();
            account.HasMany(row => row.Roles).WithOne().HasForeignKey(held => held.AccountId);
        });
        builder.Entity<IdentityUserPasskey<Guid>>(passkey =>
        {
            passkey.ToTable("passkey");
            passkey.HasKey(row => row.CredentialId);
            passkey.Property(row => row.CredentialId).HasMaxLength(1024);
            passkey.HasIndex(row => row.UserId);
            passkey.HasOne<Account>().WithMany().HasForeignKey(row => row.UserId);
            passkey.OwnsOne(row => row.Data, data => data.ToJson("data"));
        });
        builder.Entity<AccountRole>().HasKey(held => new { held.AccountId, held.Role });
        builder.Entity<RecoveryCode>().HasKey(code => new { code.AccountId, code.Hash });
        builder.Entity<MailedLink>(link =>
        {
            link.Property(row => row.Id).ValueGeneratedNever();
            link.HasIndex(row => row.CodeHash).IsUnique();
            link.HasIndex(row => row.ExpiresAt);
        });
        builder.Entity<Session>(session =>
        {
            session.Property(row => row.Id).ValueGeneratedNever();
            session.HasIndex(row => row.TokenHash).IsUnique();
            session.HasIndex(row => row.AccountId);
            session.HasIndex(row => row.ExpiresAt);
        });
        builder.Entity<Throttle>().HasKey(row => row.Key);
        builder.Entity<KnownDevice>().HasKey(row => row.Key);
        builder.Entity<PasskeyChallenge>().Property(row => row.Id).ValueGeneratedNever();
        builder.Entity<SigningKey>(key =>
        {
            key.HasKey(row => row.Number);
            key.Property(row => row.Number).ValueGeneratedNever();
        });
        builder.Entity<AccountRequest>(request =>
        {
            request.Property(row => row.Id).ValueGeneratedNever();
            request.HasIndex(row => row.AccountId);
            request.Property(row => row.Open).HasJson();
            request.HasMany(row => row.Answers).WithOne().HasForeignKey(answer => answer.RequestId);
        });
        builder.Entity<AccountAnswer>().HasKey(answer => new { answer.RequestId, answer.Service });
        MapClients(builder);
        builder.AddMessaging();
        builder.AddIdempotency();
    }

    private static void MapClients(ModelBuilder builder)
    {
        builder.UseOpenIddict<Client, Grant, Scope, Token, Guid>();
        builder.Entity<Client>(client =>
        {
            client.ToTable("client");
            client.HasMany(row => row.Secrets).WithOne().HasForeignKey(secret => secret.ClientId);
        });
        builder.Entity<ClientSecret>().Property(row => row.Id).ValueGeneratedNever();
        builder.Entity<Grant>(grant =>
        {
            grant.ToTable("grant_of_client");   // GRANT is a word of SQL
            grant.HasIndex(row => row.SessionId);
        });
        builder.Entity<Scope>().ToTable("scope");
        builder.Entity<Token>().ToTable("token");
    }
}

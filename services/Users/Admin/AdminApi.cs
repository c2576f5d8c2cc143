using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Aerona.Users.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aerona.Users.Admin;

/// <summary>A signing key without the key.</summary>
/// <param name="KeyId">As in the header of tokens.</param>
/// <param name="State">Next, active or retired; all are published.</param>
/// <param name="ActiveAt">UTC; from then on it signs.</param>
internal sealed record SigningKeyView(string KeyId, SigningKeyState State, DateTimeOffset ActiveAt);

[JsonConverter(typeof(CamelCaseEnumConverter<SigningKeyState>))]
internal enum SigningKeyState
{
    Retired,
    Active,
    Next,
}

/// <summary>The oldest first.</summary>
internal sealed record SigningKeyList(IReadOnlyList<SigningKeyView> Keys);

internal static class AdminApi
{
    public static void MapAdmin(this WebApplication app)
    {
        var v1 = app.MapGroup("/v1").WithTags("Users");
        v1.MapMe();
        v1.MapManageUsers();
        v1.MapManageClients();
        v1.MapGet("/signing-keys", (KeyRing ring) => TypedResults.Ok(View(ring))).WithName("ListSigningKeys").WithSummary("The keys that tokens are signed with").Requires(Permission.RotateKeys);
        v1.MapPost("/signing-keys/rotations", RotateAsync).WithName("RotateSigningKeys").WithSummary("The next key signs from now on; nobody is signed out").Requires(Permission.RotateKeys).Idempotent<UsersDbContext>();
    }

    private static async Task<Ok<SigningKeyList>> RotateAsync(KeyRing ring, CancellationToken cancellationToken)
    {
        await ring.RotateAsync(cancellationToken);
        return TypedResults.Ok(View(ring));
    }

    private static SigningKeyList View(KeyRing ring)
    {
        var current = ring.Current;
        var active = current.Keys.First(key => key.KeyId == current.ActiveId).Number;
        return new([.. current.Keys.Select(key => new SigningKeyView(
            key.KeyId, key.Number < active ? SigningKeyState.Retired : key.Number == active ? SigningKeyState.Active : SigningKeyState.Next, key.ActiveAt))]);
    }
}

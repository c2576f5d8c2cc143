using System.Text.Json;

namespace Aerona.Contracts;

/// <summary>A JSON value of the right kind that breaks the rules of its type: an amount with too many decimals, an unknown currency.</summary>
/// <param name="code">Stable, dotted.</param>
/// <param name="message">The rule, for people.</param>
/// <param name="member">The member to blame where the value is an object, as named in JSON; else null.</param>
public sealed class BadValueException(string code, string message, string? member = null) : JsonException(message)
{
    /// <summary>Stable, dotted, such as <c>money.currency_unknown</c>.</summary>
    public string Code { get; } = code;

    /// <summary>The member to blame where the value is an object.</summary>
    public string? Member { get; } = member;
}

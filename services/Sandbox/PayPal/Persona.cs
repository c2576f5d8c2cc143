using System.Text.Json.Serialization;
using Aerona.Contracts;

namespace Aerona.Sandbox.PayPal;

/// <summary>What goes wrong with a call.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<Fault>))]
internal enum Fault
{
    None,

    /// <summary>Done; the answer comes late, within a sensible caller's patience.</summary>
    Slow,

    /// <summary>Not done; the connection breaks without an answer.</summary>
    TimeoutBefore,

    /// <summary>Done; the connection breaks without an answer.</summary>
    TimeoutAfter,

    /// <summary>Done; the answer is a 500.</summary>
    ErrorAfter,

    /// <summary>Not done; 429.</summary>
    Busy,
}

/// <summary>Who pays, and with that what happens: the scenario of an order, chosen by whoever approves it.</summary>
/// <param name="Code">As given to the approval page or the script call.</param>
/// <param name="Says">For people.</param>
/// <param name="Step">The operation that the fault befalls, once an order.</param>
/// <param name="Fault">The fault, or none.</param>
/// <param name="OnDayFour">The reservation looks four days old at once: nothing of it can be captured before it is renewed.</param>
internal sealed record Persona(string Code, string Says, string? Step = null, Fault Fault = Fault.None, bool OnDayFour = false)
{
    public const string Reauthorize = "authorizations.reauthorize";

    private static readonly (string Name, string Operation)[] Steps =
        [("", "orders.authorize"), ("-reauthorize", Reauthorize), ("-capture", "authorizations.capture"), ("-void", "authorizations.void"), ("-refund", "captures.refund")];

    private static readonly (string Name, Fault Fault, string Says)[] Faults =
    [
        ("slow", Fault.Slow, "it is done, the answer comes late"),
        ("timeout-before", Fault.TimeoutBefore, "nothing is done, the first call gets no answer"),
        ("timeout-after", Fault.TimeoutAfter, "it is done, the answer is lost"),
        ("error-after", Fault.ErrorAfter, "it is done, the answer is a 500"),
        ("busy", Fault.Busy, "nothing is done, the first call gets 429"),
    ];

    /// <summary>All of them, the happy one first.</summary>
    public static IReadOnlyList<Persona> All { get; } =
    [
        new("happy", "everything works"),
        new("declined", "the bank says no at authorise (422 INSTRUMENT_DECLINED)"),
        new("review", "the authorisation stays PENDING until somebody decides on the order's page"),
        new("capture-declined", "the authorisation works, the capture is refused (422 TRANSACTION_REFUSED)"),
        new("capture-pending", "the capture stays PENDING until somebody decides on the order's page"),
        new("refund-declined", "a refund is refused (422 TRANSACTION_REFUSED)"),
        new("refund-pending", "a refund stays PENDING until somebody decides on the order's page"),
        new("day-four", "the reservation is four days old at once: it must be renewed before it can be captured, and can be", OnDayFour: true),
        new("reauthorize-declined", "the reservation is four days old at once, and is not renewed (422 PAYER_CANNOT_PAY)", OnDayFour: true),
        new("no-return", "the payer closes the browser after approving: only the webhook tells"),
        new("no-webhooks", "no webhook is sent for this order"),
        new("duplicate-webhooks", "every webhook is sent three times"),
        new("shuffled-webhooks", "webhooks come late and in the wrong order"),
        .. from step in Steps from fault in Faults
           select new Persona(
               fault.Name + step.Name, $"{(step.Operation == Reauthorize ? "the reservation is four days old at once; " : "")}{step.Operation}: {fault.Says}", step.Operation,
               fault.Fault, step.Operation == Reauthorize),
    ];

    public static Persona? Find(string? code) => All.FirstOrDefault(persona => persona.Code == code);
}

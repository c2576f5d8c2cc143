using System.ComponentModel.DataAnnotations;

namespace Aerona.Notifications.Mail;

/// <summary>How a connection to the mail server is protected.</summary>
internal enum SmtpSecurity
{
    /// <summary>Plain at first, TLS before anything else is said; never without it.</summary>
    StartTls,

    /// <summary>TLS from the first byte.</summary>
    Tls,

    /// <summary>None: for a relay on the same machine or network.</summary>
    None,
}

/// <summary>The mail server; section <c>Smtp</c>. Without a host mails are put into a folder.</summary>
internal sealed class SmtpOptions
{
    /// <summary>Name or address; its certificate must bear it.</summary>
    public string? Host { get; init; }

    /// <summary>Null: 587, 465 or 25, as the security has it.</summary>
    [Range(1, 65535)] public int? Port { get; init; }

    /// <summary>StartTls, Tls or None.</summary>
    [EnumDataType(typeof(SmtpSecurity))] public SmtpSecurity Security { get; init; } = SmtpSecurity.StartTls;

    /// <summary>Null: the server asks for none.</summary>
    public string? Username { get; init; }

    /// <summary>With <see cref="Username"/>.</summary>
    public string? Password { get; init; }

    /// <summary>A PEM file of certificates that are trusted beside the machine's own: a private authority's, or the server's itself.</summary>
    public string? TrustedCertificateFile { get; init; }

    /// <summary>Whether the server's certificate is looked up with its issuer; a private authority often has nowhere to look.</summary>
    public bool CheckCertificateRevocation { get; init; } = true;

    /// <summary>Connections at once; more mails wait.</summary>
    [Range(1, 50)] public int MaxConnections { get; init; } = 4;

    /// <summary>The longest wait for each answer of the server.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:25")] public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}

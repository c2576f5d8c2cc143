namespace Aerona.LocalServers;

/// <summary>Ports of this machine.</summary>
public static class Ports
{
    /// <summary>
    /// A port of 127.0.0.1 that nobody listens on, and that this process gives only once. Whoever listens there later finds it free: outgoing connections do not
    /// take theirs from its range, as they do from the one of ports that the system chooses.
    /// </summary>
    public static int Free() => Machine.FreePort();
}

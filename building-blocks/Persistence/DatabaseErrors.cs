using Microsoft.Data.Sqlite;

namespace Aerona.Persistence;

/// <summary>Tells a database that cannot be reached from one that says no.</summary>
public static class DatabaseErrors
{
    /// <summary>
    /// Whether the exception, or one within it, says that the database cannot be reached or written at the moment: it is nobody's message's fault, and the same
    /// work may succeed later without being counted as an attempt.
    /// </summary>
    public static bool IsUnreachable(Exception? problem) => problem switch
    {
        null => false,
        SqliteException { SqliteErrorCode: 5 or 6 or 10 or 13 or 14 } => true,   // busy, locked, I/O error, full, cannot open
        _ => IsUnreachable(problem.InnerException),
    };
}

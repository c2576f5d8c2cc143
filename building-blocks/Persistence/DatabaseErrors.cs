using Microsoft.Data.Sqlite;
using Npgsql;

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
        PostgresException refusal => IsUnreachable(refusal.SqlState),
        NpgsqlException { IsTransient: true } => true,   // network, time-out, no connection free in the pool
        _ => IsUnreachable(problem.InnerException),
    };

    /// <summary>Whether the exception, or one within it, says that two transactions stood in each other's way and one was ended: the same work may succeed at once.</summary>
    public static bool IsContention(Exception? problem) => problem switch
    {
        null => false,
        PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable } => true,
        _ => IsContention(problem.InnerException),
    };

    /// <summary>Whether the exception, or one within it, says that a row with that key is there already.</summary>
    public static bool IsDuplicate(Exception? problem) => problem switch
    {
        null => false,
        SqliteException { SqliteExtendedErrorCode: 1555 or 2067 } => true,   // primary key, unique
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => true,
        _ => IsDuplicate(problem.InnerException),
    };

    // Connection lost or refused, server going down or coming up, no connection or memory or disk left, a standby that takes no writes; and who is refused at
    // the door (password, role, database) has not been heard either.
    private static bool IsUnreachable(string state) =>
        state is "57P01" or "57P02" or "57P03" or "57P05" or "25006" or "3D000" || state[..2] is "08" or "28" or "53" or "58";
}

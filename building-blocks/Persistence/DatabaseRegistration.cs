using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace Aerona.Persistence;

/// <summary>Registers a service's database: SQLite embedded (one file a service), PostgreSQL distributed.</summary>
public static class DatabaseRegistration
{
    /// <summary>
    /// Adds the context, its interceptors and the creation of its schema before anything else of the host starts.
    /// Embedded the file is <c>{Data:Folder}/{name}.db</c>; one written by another schema version is moved aside with a clear line in the log.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="name">The service's name in lower case, such as <c>payments</c>.</param>
    public static void AddDatabase<TDbContext>(this IHostApplicationBuilder builder, string name) where TDbContext : DbContext =>
        throw new NotImplementedException();
}

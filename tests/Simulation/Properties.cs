using System.Runtime.CompilerServices;

// The models are compared with the real consumers where those can be seen.
[assembly: InternalsVisibleTo("Aerona.Airlines.Tests")]
[assembly: InternalsVisibleTo("Aerona.Payments.Tests")]
[assembly: InternalsVisibleTo("Aerona.Tickets.Tests")]
[assembly: InternalsVisibleTo("Aerona.Bookings.Tests")]
[assembly: InternalsVisibleTo("Aerona.Conformance")]
[assembly: InternalsVisibleTo("Aerona.Sagas.Tests")]

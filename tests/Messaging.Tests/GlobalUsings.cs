global using Aerona.Contracts.Trips;
global using Xunit;

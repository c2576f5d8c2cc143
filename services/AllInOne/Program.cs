using Aerona.AllInOne;
using Aerona.AllInOne.Commands;

// Every module in one process on embedded defaults, and the commands of ./aerona that speak to it over HTTP.
return args.FirstOrDefault() switch
{
    "demo" => await Demo.RunAsync(args[1..]),
    "import" => await Import.RunAsync(args[1..]),
    "reconcile" => await Reconcile.RunAsync(args[1..]),
    "secrets" => Secrets.Run(args[1..]),
    "up-local" => await UpLocal.RunAsync(args[1..]),
    "serve" => await AllInOneHost.RunAsync(args[1..]),
    _ => await AllInOneHost.RunAsync(args),
};

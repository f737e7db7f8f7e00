// The .NET app of `bench/run soak`: as small as somebody's first one.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
var app = builder.Build();
app.MapGet("/", () => "dotnet");
app.Run("http://*:8080");

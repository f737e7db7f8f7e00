using Sealos.Desktop.Shell;

namespace Sealos.Desktop.Apps.Account;

/// <summary>Which tab the account's window shows. Read from the window's path.</summary>
internal sealed record AccountRoute(string Tab)
{
    public const string Id = "account";
    public const string Profile = "profile";
    public const string SignIn = "sign-in";
    public const string Sessions = "sessions";
    public const string Programs = "programs";

    public static IReadOnlyList<(string Id, string Name)> Tabs { get; } = [(Profile, "You"), (SignIn, "Signing in"), (Sessions, "Sessions"), (Programs, "Programs")];

    /// <summary>The titles behind the application's own.</summary>
    public IReadOnlyList<Crumb> Crumbs => Tab == Profile ? [] : [new Crumb(Tabs.First(t => t.Id == Tab).Name, Tab)];

    public static AccountRoute Parse(string path) => new(Tabs.Any(t => t.Id == path) ? path : Profile);

    /// <summary>The address of a tab.</summary>
    public static string AddressOf(string tab) => tab == Profile ? $"/{Id}" : $"/{Id}/{tab}";
}

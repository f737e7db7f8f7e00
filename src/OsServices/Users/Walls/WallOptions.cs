namespace Sealos.OsServices.Users.Walls;

/// <summary>What keeps workspaces apart, and how much each may hold. Nothing of it binds the operator's own workspace.</summary>
public sealed record WallOptions
{
    /// <summary>The level of Pod Security that is enforced: <c>baseline</c> or <c>restricted</c>.</summary>
    public string PodSecurity { get; init; } = "baseline";
}

namespace Sealos.ApiServer.Authentication;

/// <summary>Who makes a request.</summary>
internal sealed record UserInfo(
    string Name,
    string? Uid,
    IReadOnlyList<string> Groups,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Extra)
{
    public const string AuthenticatedGroup = "system:authenticated";
    public const string UnauthenticatedGroup = "system:unauthenticated";
    public const string MastersGroup = "system:masters";
    public const string AnonymousName = "system:anonymous";

    public static IReadOnlyDictionary<string, IReadOnlyList<string>> NoExtra { get; } =
        new Dictionary<string, IReadOnlyList<string>>(0);

    public static UserInfo Anonymous { get; } = new(AnonymousName, null, [UnauthenticatedGroup], NoExtra);

    /// <summary>The user as one who proved who they are.</summary>
    public UserInfo AsAuthenticated() => Groups.Contains(AuthenticatedGroup) ? this : this with { Groups = [.. Groups, AuthenticatedGroup] };

    public bool IsMaster => Groups.Contains(MastersGroup);
}

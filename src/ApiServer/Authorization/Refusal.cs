namespace Sealos.ApiServer.Authorization;

/// <summary>A refused request: what its Status says. <see cref="Kind"/> is the resource, as Kubernetes has it in details.</summary>
internal sealed record Refusal(int Code, string Reason, string Message)
{
    public string? Name { get; init; }

    public string? Group { get; init; }

    public string? Kind { get; init; }

    public static Refusal Forbidden(string group, string resource, string? name, string why) =>
        About(403, "Forbidden", group, resource, name, $" is forbidden: {why}");

    public static Refusal NotFound(string group, string resource, string name) =>
        About(404, "NotFound", group, resource, name, " not found");

    private static Refusal About(int code, string reason, string group, string resource, string? name, string text)
    {
        var subject = group.Length == 0 ? resource : $"{resource}.{group}";
        var named = string.IsNullOrEmpty(name) ? subject : $"{subject} {GoText.Quote(name)}";
        return new Refusal(code, reason, named + text) { Name = name, Group = group, Kind = resource };
    }
}

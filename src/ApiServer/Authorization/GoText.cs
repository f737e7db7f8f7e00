using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Authorization;

/// <summary>Texts that Kubernetes' messages print the way Go's <c>%q</c> does, and clients compare.</summary>
internal static class GoText
{
    public static string Quote(string text) => GoString.Quote(text);

    /// <summary><c>["a" "b"]</c></summary>
    public static string Quote(IEnumerable<string> texts) => $"[{string.Join(' ', texts.Select(Quote))}]";
}

using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using static Sealos.ApiServer.Admission.PodSecurity.SecuritySubject;

namespace Sealos.ApiServer.Admission.PodSecurity;

/// <summary>What the level restricted asks for besides.</summary>
internal static class RestrictedChecks
{
    private static readonly string[] GoodVolumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];

    public static SecurityFinding? PrivilegeEscalation(SecuritySubject pod)
    {
        var containers = pod.Where(c => c.Child("securityContext").Flag("allowPrivilegeEscalation") != false);
        return containers.Count == 0 ? null : new("allowPrivilegeEscalation != false", $"{Named(containers)} must set securityContext.allowPrivilegeEscalation=false");
    }

    public static SecurityFinding? Capabilities(SecuritySubject pod)
    {
        static JsonObject? Of(JsonObject container) => container.Child("securityContext", "capabilities");
        static IEnumerable<string> Bad(JsonObject container) => Of(container).Texts("add").Where(c => c != "NET_BIND_SERVICE");
        var keeping = pod.Where(c => !Of(c).Texts("drop").Contains("ALL"));
        var adding = pod.Where(c => Bad(c).Any());
        var said = new List<string>();
        if (keeping.Count > 0)
        {
            said.Add($"{Named(keeping)} must set securityContext.capabilities.drop=[\"ALL\"]");
        }

        if (adding.Count > 0)
        {
            said.Add($"{Named(adding)} must not include {Quote(pod.Containers.SelectMany(Bad).Distinct().Order(StringComparer.Ordinal))} in securityContext.capabilities.add");
        }

        return said.Count == 0 ? null : new("unrestricted capabilities", string.Join("; ", said));
    }

    public static SecurityFinding? Volumes(SecuritySubject pod)
    {
        static string Type(JsonObject volume) => volume.FirstOrDefault(p => p.Key != "name" && p.Value is JsonObject).Key ?? "unknown";
        var bad = pod.Spec.Objects("volumes").Where(v => !GoodVolumes.Contains(Type(v))).ToList();
        var types = bad.Select(Type).Distinct().Order(StringComparer.Ordinal).ToList();
        return bad.Count == 0
            ? null
            : new("restricted volume types", $"{Plural("volume", "volumes", bad.Count)} {Quote(bad.Select(v => v.Text("name") ?? ""))} {Plural("uses", "use", bad.Count)} {Plural("restricted volume type", "restricted volume types", types.Count)} {Quote(types)}");
    }

    public static SecurityFinding? NonRoot(SecuritySubject pod)
    {
        const string Reason = "runAsNonRoot != true";
        static bool? Of(JsonObject? context) => context.Flag("runAsNonRoot");
        var isPodBad = Of(pod.Context) == false;
        var refusing = pod.Where(c => Of(c.Child("securityContext")) == false);
        if (isPodBad || refusing.Count > 0)
        {
            return new(Reason, $"{Setters(isPodBad, refusing)} must not set securityContext.runAsNonRoot=false");
        }

        var silent = Of(pod.Context) == true ? [] : pod.Where(c => Of(c.Child("securityContext")) is null);
        return silent.Count == 0 ? null : new(Reason, $"pod or {Named(silent)} must set securityContext.runAsNonRoot=true");
    }

    public static SecurityFinding? User(SecuritySubject pod)
    {
        var isPodBad = pod.Context.Number("runAsUser") == 0;
        var containers = pod.Where(c => c.Child("securityContext").Number("runAsUser") == 0);
        return !isPodBad && containers.Count == 0 ? null : new("runAsUser=0", $"{Setters(isPodBad, containers)} must not set runAsUser=0");
    }

    public static SecurityFinding? Seccomp(SecuritySubject pod)
    {
        if (BaselineChecks.BadSeccomp(pod) is { } bad)
        {
            return bad;
        }

        var silent = pod.Context?["seccompProfile"] is not null ? [] : pod.Where(c => c.Child("securityContext")?["seccompProfile"] is null);
        return silent.Count == 0
            ? null
            : new("seccompProfile", $"pod or {Named(silent)} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"");
    }
}

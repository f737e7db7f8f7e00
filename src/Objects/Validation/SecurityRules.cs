using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Security contexts of pods and containers.</summary>
internal static partial class SecurityRules
{
    private const string SysctlFormat = "([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?";

    public static void Pod(JsonObject spec, string path, ErrorList errors)
    {
        var at = $"{path}.securityContext";
        var context = spec.Child("securityContext");
        Identity(context, at, errors);
        Id(context, "fsGroup", at, errors);
        var groups = context.Array("supplementalGroups") ?? [];
        for (var i = 0; i < groups.Count; i++)
        {
            Range(groups[i].AsNumber(), $"{at}.supplementalGroups[{i}]", errors);
        }

        Profile(context.Child("seccompProfile"), $"{at}.seccompProfile", "seccomp type", errors);
        Profile(context.Child("appArmorProfile"), $"{at}.appArmorProfile", "AppArmor type", errors);
        Sysctls(spec, context, at, errors);
    }

    public static void Container(JsonObject? context, string path, ErrorList errors)
    {
        Identity(context, path, errors);
        Profile(context.Child("seccompProfile"), $"{path}.seccompProfile", "seccomp type", errors);
        Profile(context.Child("appArmorProfile"), $"{path}.appArmorProfile", "AppArmor type", errors);
        if (context.Flag("allowPrivilegeEscalation") == false)
        {
            if (context.Flag("privileged") == true)
            {
                errors.Invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
            }

            if (context.Child("capabilities").Texts("add").Contains("CAP_SYS_ADMIN"))
            {
                errors.Invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
            }
        }
    }

    private static void Identity(JsonObject? context, string path, ErrorList errors)
    {
        Id(context, "runAsUser", path, errors);
        Id(context, "runAsGroup", path, errors);
        if (context?["windowsOptions"] is not null)
        {
            errors.Forbidden($"{path}.windowsOptions", "this cluster has Linux nodes only");
        }
    }

    private static void Id(JsonObject? context, string field, string path, ErrorList errors) => Range(context.Number(field), $"{path}.{field}", errors);

    private static void Range(long? id, string path, ErrorList errors)
    {
        if (id is < 0 or > int.MaxValue)
        {
            errors.Invalid(path, id.Value, "must be between 0 and 2147483647, inclusive");
        }
    }

    private static void Profile(JsonObject? profile, string path, string what, ErrorList errors)
    {
        if (profile is null)
        {
            return;
        }

        errors.CheckRequired($"{path}.type", profile.Text("type"));
        var file = profile.Text("localhostProfile");
        if (profile.Text("type") == "Localhost")
        {
            if (file is null)
            {
                errors.Required($"{path}.localhostProfile", $"must be set when {what} is Localhost");
            }
            else
            {
                MountRules.LocalPath(file, $"{path}.localhostProfile", errors);
            }
        }
        else if (file is not null)
        {
            errors.Invalid($"{path}.localhostProfile", file, $"can only be set when {what} is Localhost");
        }
    }

    private static void Sysctls(JsonObject spec, JsonObject? context, string path, ErrorList errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var i = 0;
        foreach (var sysctl in context.Objects("sysctls"))
        {
            var at = $"{path}.sysctls[{i++}].name";
            var name = sysctl.Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required(at);
            }
            else if (name.Length > 253 || !SysctlRegex().IsMatch(name))
            {
                errors.Invalid(at, name, $"must have at most 253 characters and match regex ^{SysctlFormat}$");
            }
            else if (!names.Add(name.Replace('/', '.')))
            {
                errors.Duplicate(at, name);
            }
            else if (spec.Flag("hostNetwork") == true && name.StartsWith("net", StringComparison.Ordinal))
            {
                errors.Invalid(at, name, "may not be specified when 'hostNetwork' is true");
            }
            else if (spec.Flag("hostIPC") == true && (name.StartsWith("kernel.sem", StringComparison.Ordinal) || name.StartsWith("kernel.shm", StringComparison.Ordinal)))
            {
                errors.Invalid(at, name, "may not be specified when 'hostIPC' is true");
            }
        }
    }

    [GeneratedRegex("^" + SysctlFormat + @"\z")]
    private static partial Regex SysctlRegex();
}

using Sealos.Node.Cri;
using Sealos.Node.Cri.Messages;
using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods.Config;

/// <summary>Every field of a security context does something, or is refused; a new one must be given its row here and in the room's README.</summary>
public sealed class SecurityFieldsTests
{
    private static readonly NodeOptions Options = new() { Instance = "cloud" };

    // A value of each field that differs from what pods get without it.
    private static readonly Dictionary<string, string> OfPod = new()
    {
        ["appArmorProfile"] = """{"type":"Localhost","localhostProfile":"a"}""",
        ["fsGroup"] = "5",
        ["fsGroupChangePolicy"] = OfVolumes,
        ["runAsGroup"] = "5",
        ["runAsNonRoot"] = "true",
        ["runAsUser"] = "5",
        ["seLinuxChangePolicy"] = "\"Recursive\"",
        ["seLinuxOptions"] = """{"level":"s0:c1,c2"}""",
        ["seccompProfile"] = """{"type":"Localhost","localhostProfile":"a.json"}""",
        ["supplementalGroups"] = "[5]",
        ["supplementalGroupsPolicy"] = "\"Strict\"",
        ["sysctls"] = """[{"name":"kernel.shm_rmid_forced","value":"1"}]""",
        ["windowsOptions"] = "{}",
    };

    private static readonly Dictionary<string, string> OfContainer = new()
    {
        ["allowPrivilegeEscalation"] = "false",
        ["appArmorProfile"] = """{"type":"Localhost","localhostProfile":"a"}""",
        ["capabilities"] = """{"add":["SYS_TIME"]}""",
        ["privileged"] = "true",
        ["procMount"] = "\"Unmasked\"",
        ["readOnlyRootFilesystem"] = "true",
        ["runAsGroup"] = "5",
        ["runAsNonRoot"] = "true",
        ["runAsUser"] = "5",
        ["seLinuxOptions"] = """{"level":"s0:c1,c2"}""",
        ["seccompProfile"] = """{"type":"Unconfined"}""",
        ["windowsOptions"] = "{}",
    };

    /// <summary>VolumeOwnershipTests prove it.</summary>
    private const string OfVolumes = "volumes";

    [Fact]
    public void Schema_FieldsOfSecurityContexts_AreAllKnownHere()
    {
        Assert.Equal(FieldsOf("core/v1.PodSecurityContext"), OfPod.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(FieldsOf("core/v1.SecurityContext"), OfContainer.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Readme_HasARow_ForEachField()
    {
        var readme = File.ReadAllText(Path.Combine(Root(), "src", "Node", "README.md"));

        Assert.All(OfPod.Keys.Concat(OfContainer.Keys), f => Assert.Contains($"| `{f}`", readme, StringComparison.Ordinal));
    }

    [Fact]
    public void Field_OfThePod_IsHonouredOrRefused() =>
        Assert.All(OfPod.Where(f => f.Value != OfVolumes), f => Assert.NotEqual(Outcome("{}", "{}"), Outcome($$"""{"{{f.Key}}":{{f.Value}}}""", "{}")));

    [Fact]
    public void Field_OfTheContainer_IsHonouredOrRefused() =>
        Assert.All(OfContainer, f => Assert.NotEqual(Outcome("{}", "{}"), Outcome("{}", $$"""{"{{f.Key}}":{{f.Value}}}""")));

    // Everything that a pod's security contexts decide: what the runtime is asked for, what is refused, and what cannot start.
    private static string Outcome(string outer, string inner)
    {
        var pod = TestPods.Pod($$"""{"securityContext":{{outer}},"containers":[{"name":"c","securityContext":{{inner}}}]}""");
        try
        {
            return string.Join('\n',
            [
                .. UnsupportedFields.Find(pod, "", hasAppArmor: false, RuntimeAbilities.None),
                Sysctls.FindForbidden(pod, []) ?? "",
                new SandboxConfigBuilder(Options, new ResolverConfig([], [], [])).Build(pod, 0).ToString(),
                SecurityMapping.OfContainer(pod, pod.Containers[0], new Image { Uid = new Int64Value { Value = 0 } }).ToString(),
            ]);
        }
        catch (ContainerStartException e)
        {
            return e.Message;
        }
    }

    private static IEnumerable<string> FieldsOf(string type) =>
        File.ReadLines(Path.Combine(Root(), "src", "Objects", "Schema", "kubernetes.schema"))
            .SkipWhile(l => l != "type " + type).Skip(1).TakeWhile(l => l.StartsWith("  ", StringComparison.Ordinal))
            .Select(l => l.Trim().Split(' ')[0]).Order(StringComparer.Ordinal);

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Sealos.slnx")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}

using System.Text.Json;
using Sealos.Conformance_Tests.Node;
using Sealos.Testing;

namespace Sealos.Conformance_Tests.Storage;

/// <summary>A file as a program in a container found it, links followed.</summary>
public sealed record SeenFile(string Mode, string Owner, string Group, string Content);

/// <summary>A volume of a pod: its name and its source, a JSON member such as <c>"emptyDir":{}</c>. It is mounted at <c>/v/NAME</c>.</summary>
public sealed record PodVolume(string Name, string Source)
{
    public string ToVolume() => $$"""{"name":"{{Name}}",{{Source}}}""";

    public string ToMount() => $$"""{"name":"{{Name}}","mountPath":"/v/{{Name}}"}""";
}

/// <summary>A story about volumes, which pods look at from within: what one pod can see of many volumes it tells in one go.</summary>
public abstract class VolumeStory(CloudFixture fixture) : PodStory(fixture)
{
    // One line a file, in the order of the paths; "-" for what is not there.
    private const string Look = """
        look() { if [ -e "$1" ]; then echo "$1|$(stat -Lc '%a|%u|%g' "$1")|$(cat "$1")"; else echo "$1|-|-|-|-"; fi; }

        """;

    // Prints what the files hold whenever that changes. Only builtins: it runs five times a second.
    private const string Follow = """
        last=
        while :; do
          now=
          for f in $FILES; do x=-; [ -f $f ] && read -r x < $f; now="$now $x"; done
          [ "$now" = "$last" ] || echo "$now"
          last=$now
          sleep 0.2
        done
        """;

    /// <summary>A pod that tells of files of its volumes and ends; <paramref name="spec"/> is more of its spec, and begins with a comma.</summary>
    protected static ShellPod Looking(string name, IReadOnlyList<PodVolume> volumes, IEnumerable<string> files, string spec = "") =>
        Having(new ShellPod(name, Look + string.Join('\n', files.Select(f => "look " + f))) { Spec = spec }, volumes);

    /// <summary>A pod that tells what files of its volumes hold each time that has changed.</summary>
    protected static ShellPod Following(string name, IReadOnlyList<PodVolume> volumes, params string[] files) =>
        Having(new ShellPod(name, $"FILES='{string.Join(' ', files)}'\n{Follow}"), volumes);

    /// <summary>Gives a pod volumes, all of which its container mounts.</summary>
    protected static ShellPod Having(ShellPod pod, IReadOnlyList<PodVolume> volumes) => pod with
    {
        Spec = pod.Spec + $",\"volumes\":[{string.Join(',', volumes.Select(v => v.ToVolume()))}]",
        Container = pod.Container + $",\"volumeMounts\":[{string.Join(',', volumes.Select(v => v.ToMount()))}]",
    };

    /// <summary>What a looking pod has told, once it has ended well.</summary>
    protected async Task<IReadOnlyDictionary<string, SeenFile>> SeenAsync(string pod) =>
        (await OutputAsync(pod)).Split('\n').Select(l => l.Split('|')).Where(p => p.Length == 5).ToDictionary(p => p[0], p => new SeenFile(p[1], p[2], p[3], p[4]));

    /// <summary>Waits until the last thing that a following pod told is this.</summary>
    protected Task ToldAsync(string pod, params string[] contents) => Eventually.TrueAsync(
        $"{pod} tells \"{string.Join(' ', contents)}\"",
        async () => (await Api.GetAsync($"{PathOf(pod)}/log")) is { Code: 200 } log && log.Text.TrimEnd('\n').Split('\n')[^1].Trim() == string.Join(' ', contents),
        Patience,
        Ct);

    /// <summary>Creates a ConfigMap or Secret of the story.</summary>
    protected async Task MakeAsync(string kind, string name, params (string Key, string Value)[] data) =>
        (await Api.PostAsync($"{Core}/{PluralOf(kind)}", Body(kind, name, data))).Expect(201);

    /// <summary>Gives one of them other data.</summary>
    protected async Task ChangeAsync(string kind, string name, params (string Key, string Value)[] data) =>
        (await Api.PatchAsync($"{Core}/{PluralOf(kind)}/{name}", Body(kind, name, data))).Expect(200);

    /// <summary>Deletes one of them.</summary>
    protected async Task RemoveAsync(string kind, string name) => (await Api.DeleteAsync($"{Core}/{PluralOf(kind)}/{name}")).Expect(200);

    /// <summary>The source of a volume that shows such an object, itself or as part of a projection; <paramref name="more"/> begins with a comma.</summary>
    protected static string SourceOf(string kind, string name, string more = "") => kind switch
    {
        "configMap" => $$"""{{Quoted(kind)}}:{"name":"{{name}}"{{more}}}""",
        "secret" => $$"""{{Quoted(kind)}}:{"secretName":"{{name}}"{{more}}}""",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such source"),
    };

    /// <summary>The same as a projection; its mode is the projection's, whatever is said of the object is <paramref name="more"/>.</summary>
    protected static string ProjectionOf(string kind, string name, string more = "", string mode = "") =>
        $$$"""{{{Quoted("projected")}}}:{"sources":[{"{{{kind}}}":{"name":"{{{name}}}"{{{more}}}}}]{{{mode}}}}""";

    private static string Quoted(string name) => $"\"{name}\"";

    private static string PluralOf(string kind) => kind.ToLowerInvariant() + "s";

    private static string Body(string kind, string name, (string Key, string Value)[] data) =>
        $$"""{"metadata":{"name":"{{name}}"},{{Quoted(kind == "secret" ? "stringData" : "data")}}:{{JsonSerializer.Serialize(data.ToDictionary(d => d.Key, d => d.Value))}}}""";
}

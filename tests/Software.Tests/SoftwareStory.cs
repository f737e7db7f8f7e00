using System.Globalization;
using Sealos.Testing;
using Sealos.Testing.Software;
using Xunit;

namespace Sealos.Software_Tests;

/// <summary>What stories of software share: a namespace in which only harmless pods may run, and the ways to disturb what runs there.</summary>
public abstract class SoftwareStory(SoftwareFixture fixture, string space, params DebianImage[] images) : IAsyncLifetime
{
    // Starts take long where all software starts at once on two cores.
    private const string Patience = "--timeout=240s";

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected static TimeSpan Long { get; } = TimeSpan.FromSeconds(240);

    protected Cloud Cloud { get; } = fixture.Cloud;

    protected static string Sample(string name) => Path.Combine(Repository.Root, "samples", name);

    public async ValueTask InitializeAsync()
    {
        fixture.Join();
        foreach (var image in images)
        {
            await fixture.LoadAsync(image, Ct);
        }

        var restricted = $$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{space}}","labels":{"pod-security.kubernetes.io/enforce":"restricted"} } }""";
        await Cloud.KubectlAsync(["create", "-f", "-"], Ct, restricted).OutputAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        fixture.Leave();
        await Cloud.KubectlAsync(["delete", "namespace", space, "--wait=false"], CancellationToken.None).OutputAsync();
    }

    protected Task<string> KubectlAsync(params string[] arguments) => Cloud.KubectlAsync([.. arguments, "-n", space], Ct).OutputAsync();

    protected Task<string> ApplyAsync(string sample) => KubectlAsync("apply", "-f", Sample(sample));

    protected Task<string> GetAsync(string what, string jsonPath) => KubectlAsync("get", what, "-o", $"jsonpath={{{jsonPath}}}");

    /// <summary>Waits until a rollout has come to its end.</summary>
    protected Task<string> RolledOutAsync(string workload) => KubectlAsync("rollout", "status", workload, Patience);

    protected Task<string> WaitAsync(string what, string condition) => KubectlAsync("wait", what, "--for=" + condition, Patience);

    /// <summary>Runs a shell's line in a pod, with an argument in <c>$0</c>.</summary>
    protected Task<string> ShAsync(string pod, string line, string argument = "-") =>
        Cloud.KubectlAsync(["exec", "-n", space, pod, "--", "sh", "-c", line, argument], Ct).OutputAsync();

    /// <summary>Ends a container's first process without asking, and waits until the container runs and is ready again.</summary>
    protected async Task KillMainProcessAsync(string pod, string container)
    {
        var status = $".status.containerStatuses[?(@.name==\"{container}\")]";
        var id = (await GetAsync("pod/" + pod, status + ".containerID")).Split("://")[1];
        var restarts = int.Parse(await GetAsync("pod/" + pod, status + ".restartCount"), CultureInfo.InvariantCulture);
        LinuxProcess.Kill(Cloud.Processes().Where(p => LinuxProcess.Read(p, "cgroup").Contains(id, StringComparison.Ordinal)).MinBy(StartedAt));
        await Eventually.TrueAsync($"{pod} started again", async () => await GetAsync("pod/" + pod, status + ".restartCount") == $"{restarts + 1}", Long, Ct);
        await WaitAsync("pod/" + pod, "condition=Ready");
    }

    /// <summary>Restarts a workload together with all others; the server is killed while that is under way.</summary>
    protected async Task RestartWhileTheServerDiesAsync(string workload)
    {
        await fixture.GatherAsync(Ct);
        await KubectlAsync("rollout", "restart", workload);
        await fixture.ServerDeathAsync(Ct);
        await RolledOutAsync(workload);
    }

    private static long StartedAt(int pid) =>
        LinuxProcess.Read(pid, "stat") is { Length: > 0 } stat ? long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture) : long.MaxValue;
}

using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests;

/// <summary>Unmodified kubectl where bytes go both ways: exec, logs and port-forward.</summary>
public sealed partial class KubectlStreamTests(CloudFixture fixture)
{
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Exec_InputEnds_AnswersWithTheCommandsCode()
    {
        await fixture.RunToolsAsync("listener", "sleep 1000000");
        var input = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i}\n"));

        var exec = await _cloud.KubectlAsync(["exec", "-i", "-n", "default", "listener", "--", "sh", "-c", "cat; echo done >&2; exit 7"], Ct, input);

        Assert.Equal(7, exec.ExitCode);
        Assert.Equal(input, exec.Output);
        Assert.StartsWith("done\n", exec.Error, StringComparison.Ordinal);
        await RunAsync("delete", "pod/listener");
    }

    [Fact]
    public async Task Exec_WithATerminal_IsOneForTheProgram()
    {
        await fixture.RunToolsAsync("terminal", "sleep 1000000");

        // script(1) gives kubectl a terminal, as a person at a keyboard would.
        var exec = await Command.RunAsync(
            "script",
            ["--quiet", "--return", "--command", $"{Repository.Kubectl("1.32")} --kubeconfig {_cloud.KubeConfigPath} exec -it -n default terminal -- sh -c 'tty; stty size; read x; echo got $x; exit 3'", "/dev/null"],
            "words\n",
            ct: Ct);

        Assert.Equal(3, exec.ExitCode);
        Assert.Contains("/dev/pts/", exec.Output, StringComparison.Ordinal);
        Assert.Contains("got words", exec.Output, StringComparison.Ordinal);
        await RunAsync("delete", "pod/terminal");
    }

    [Fact]
    public async Task Logs_Follow_GoesOnOverARotation()
    {
        // A long line each time, so that the file is soon too long: 14 MiB, then a line now and then.
        await fixture.RunToolsAsync("talker", "i=0; while true; do echo \"n $i $(head -c 20000 /dev/zero | tr '\\0' x)\"; i=$((i+1)); [ $i -lt 700 ] || sleep 0.2; done");
        using var follow = Command.Start(Repository.Kubectl("1.32"), ["--kubeconfig", _cloud.KubeConfigPath, "logs", "-f", "-n", "default", "talker"]);
        var uid = await RunAsync("get", "pod", "talker", "-o", "jsonpath={.metadata.uid}");
        var folder = Path.Combine(_cloud.LogFolder, "pods", $"default_talker_{uid}", "tools");
        var numbers = new List<int>();
        var rotatedAt = -1;
        while (rotatedAt < 0 || numbers.Count < rotatedAt + 5)
        {
            var line = await follow.StandardOutput.ReadLineAsync(Ct) ?? throw new InvalidOperationException($"the log ended after {numbers.Count} lines: {await follow.StandardError.ReadToEndAsync(Ct)}");
            numbers.Add(int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
            if (rotatedAt < 0 && numbers.Count >= 700 && Directory.GetFiles(folder).Length > 1)
            {
                rotatedAt = numbers.Count;
            }
        }

        follow.Kill();
        Assert.Equal(Enumerable.Range(0, numbers.Count), numbers);
        await RunAsync("delete", "pod/talker");
    }

    [Fact]
    public async Task Logs_Previous_AreThoseOfTheRunBefore()
    {
        await fixture.RunToolsAsync("crasher", "echo first run; sleep 1; exit 1");
        await Eventually.TrueAsync("a restart", async () => await RunAsync("get", "pod", "crasher", "-o", "jsonpath={.status.containerStatuses[0].restartCount}") is not "0", ct: Ct);

        Assert.Equal("first run\n", await RunAsync("logs", "crasher", "--previous"));
        await RunAsync("delete", "pod/crasher");
    }

    [Fact]
    public async Task Delete_Forced_IsAtOnce_AndLeavesNoProcess()
    {
        await fixture.RunToolsAsync("stubborn", "trap '' TERM; while true; do sleep 1; done");
        await RunAsync("patch", "pod", "stubborn", "--type=merge", "-p", """{"metadata":{"labels":{"seen":"yes"}}}""");
        var uid = await RunAsync("get", "pod", "stubborn", "-o", "jsonpath={.metadata.uid}");
        var watch = Stopwatch.StartNew();

        await RunAsync("delete", "pod", "stubborn", "--force", "--grace-period=0");

        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
        Assert.Contains("NotFound", (await _cloud.KubectlAsync(["get", "pod", "stubborn", "-n", "default"], Ct)).Error, StringComparison.Ordinal);
        await Eventually.TrueAsync("no process of the pod left", () => Task.FromResult(!_cloud.Processes().Any(p => LinuxProcess.Read(p, "cgroup").Contains(uid, StringComparison.Ordinal))), ct: Ct);
    }

    [Fact]
    public async Task PortForward_ReachesThePod()
    {
        await RunAsync("run", "far", "--image", CloudFixture.Hello);
        await RunAsync("wait", "pod/far", "--for=condition=Ready", "--timeout=30s");
        using var forward = Command.Start(Repository.Kubectl("1.32"), ["--kubeconfig", _cloud.KubeConfigPath, "port-forward", "-n", "default", "pod/far", ":8080"]);
        var port = LocalPort().Match(await forward.StandardOutput.ReadLineAsync(Ct) ?? "").Groups[1].Value;
        using var http = new HttpClient();

        for (var i = 0; i < 5; i++)
        {
            Assert.Contains("Hello from far", await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/{i}"), Ct), StringComparison.Ordinal);
        }

        var many = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/slow?ms=200"), Ct)));
        Assert.Equal(10, many.Length);
        forward.Kill();
        await RunAsync("delete", "pod/far", "--grace-period=1");
    }

    [GeneratedRegex("127\\.0\\.0\\.1:([0-9]+)")]
    private static partial Regex LocalPort();

    private Task<string> RunAsync(params string[] arguments) => _cloud.KubectlAsync([arguments[0], "-n", "default", .. arguments[1..]], Ct).OutputAsync();
}

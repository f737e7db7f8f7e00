using System.Net;
using System.Net.Sockets;
using System.Text;
using Sealos.Conformance_Tests.Node;
using Sealos.Testing;

namespace Sealos.Conformance_Tests.Network;

/// <summary>A story about packets: pods that serve their own names over HTTP, and a pod that asks.</summary>
public abstract class NetworkStory(CloudFixture fixture) : PodStory(fixture)
{
    /// <summary>Where the servers listen; the second port says the same.</summary>
    protected const int ServerPort = 8080;

    private const string Serve = "mkdir /tmp/w; cat /etc/hostname > /tmp/w/name; httpd -p 8081 -h /tmp/w; exec httpd -f -p 8080 -h /tmp/w";

    /// <summary>Starts servers with label <c>app=web</c>, and the client; returns once all run and answer.</summary>
    protected async Task ServeAsync(params string[] servers)
    {
        await StartAsync(
        [
            .. servers.Select(s => new ShellPod(s, Serve)
            {
                Metadata = ""","labels":{"app":"web"}""",
                Container = ""","ports":[{"name":"web","containerPort":8080}],"readinessProbe":{"httpGet":{"path":"/name","port":8080},"periodSeconds":1}""",
            }),
            new ShellPod("client", "sleep 1000") { Metadata = ""","labels":{"app":"client"}""" },
        ]);
        foreach (var pod in (string[])[.. servers, "client"])
        {
            await UntilAsync(pod, "is ready", IsReady);
        }
    }

    /// <summary>Creates a service; spec is JSON.</summary>
    protected async Task ServiceAsync(string name, string spec) =>
        (await Api.PostAsync($"{Core}/services", $$"""{"metadata":{"name":"{{name}}"},"spec":{{spec}}}""")).Expect(201);

    /// <summary>What a URL answers the client pod; empty when nothing does.</summary>
    protected async Task<string> AskAsync(string url)
    {
        var answer = await Cloud.KubectlAsync(["exec", "-n", Namespace, "client", "--", "sh", "-c", $"timeout 2 wget -qO- {url}"], Ct);
        return answer.ExitCode == 0 ? answer.Output.Trim() : "";
    }

    /// <summary>Waits until a URL answers the client pod as expected.</summary>
    protected Task UntilAnswersAsync(string url, params string[] oneOf) =>
        Eventually.TrueAsync($"{url} answers {string.Join(" or ", oneOf)}", async () => Array.IndexOf(oneOf, await AskAsync(url)) >= 0, Patience, Ct);

    /// <summary>The names that answer the client pod when it asks again and again, in one connection each.</summary>
    protected async Task<HashSet<string>> AskManyAsync(string url)
    {
        var all = await ExecAsync("client", "main", "sh", "-c", $"for i in $(seq 16); do timeout 2 wget -qO- {url}; done");
        return [.. all.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>What answers at an address and port of the node, asked from the node.</summary>
    protected static async Task<string> AskFromNodeAsync(string address, int port, string? source = null)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            socket.Bind(new IPEndPoint(source is null ? IPAddress.Any : IPAddress.Parse(source), 0));
            await socket.ConnectAsync(IPAddress.Parse(address), port, limit.Token);
            await socket.SendAsync(Encoding.ASCII.GetBytes("GET /name HTTP/1.0\r\n\r\n"), limit.Token);
            await using var stream = new NetworkStream(socket);
            using var reader = new StreamReader(stream);
            return (await reader.ReadToEndAsync(limit.Token)).Split('\n')[^2].Trim();
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or IndexOutOfRangeException)
        {
            return "";
        }
    }

    /// <summary>The node's address.</summary>
    protected async Task<string> NodeAddressAsync() => (await PodAsync("client")).At("status.hostIP")!;

    private static bool IsReady(ApiServer.Tests.Support.ApiAnswer pod) =>
        pod.Json["status"]?["conditions"]?.AsArray().Any(c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True") == true;
}

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sealos.ControllerKit.Client;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>Whatever a cloud writes down or tells besides its Secrets: logs, the audit log, objects, events, metrics, command lines, output of its own commands.</summary>
internal sealed class Exposure
{
    // Without what JSON makes of signs, which would hide a text.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<(string Where, string Text)> _all = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Add(string where, string text) => _all.Add((where, text));

    public async Task CollectAsync(Cloud cloud, KubeClient @operator)
    {
        await Task.WhenAll(CollectCommandsAsync(cloud), CollectObjectsAsync(@operator));
        foreach (var file in Directory.EnumerateFiles(cloud.LogFolder, "*", SearchOption.AllDirectories))
        {
            // Being written, as they are of what goes on running.
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            Add(file[cloud.LogFolder.Length..], await reader.ReadToEndAsync(Ct));
        }

        foreach (var pid in cloud.Processes())
        {
            Add("command line", File.Exists($"/proc/{pid}/cmdline") ? await LinesAsync($"/proc/{pid}/cmdline") : "");
        }
    }

    /// <summary>Where a text stands, as it is or as Secrets and headers hold it.</summary>
    public IReadOnlyList<string> PlacesOf(string text)
    {
        string[] forms = [text, Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('='), Uri.EscapeDataString(text), Convert.ToHexString(Encoding.UTF8.GetBytes(text))];
        return [.. _all.Where(a => forms.Any(f => a.Text.Contains(f, StringComparison.OrdinalIgnoreCase))).Select(a => a.Where).Distinct()];
    }

    private static async Task<string> LinesAsync(string file)
    {
        try
        {
            return await File.ReadAllTextAsync(file, Ct);
        }
        catch (IOException)
        {
            // It has ended since.
            return "";
        }
    }

    private async Task CollectCommandsAsync(Cloud cloud)
    {
        string[][] commands = [["audit", "--since", "1h", "-o", "json"], ["status", "-o", "json"], ["component", "list", "-o", "json"]];
        foreach (var command in commands)
        {
            var said = await cloud.SealosAsync(command, Ct);
            Add(string.Join(' ', command), said.Output + said.Error);
        }
    }

    private async Task CollectObjectsAsync(KubeClient @operator)
    {
        var groups = (await Person.SendAsync(@operator, HttpMethod.Get, "/apis"))["groups"]!.AsArray().SelectMany(g => g!["versions"]!.AsArray()).Select(v => "/apis/" + (string)v!["groupVersion"]!);
        var kinds = (await Task.WhenAll(groups.Prepend("/api/v1").Select(async g => (Group: g, List: await Person.SendAsync(@operator, HttpMethod.Get, g)))))
            .SelectMany(g => g.List["resources"]!.AsArray().Where(r => r!["verbs"]!.AsArray().Any(v => (string?)v == "list")).Select(r => $"{g.Group}/{(string)r!["name"]!}"))
            .Where(k => k != "/api/v1/secrets");
        foreach (var path in kinds)
        {
            Add("objects of " + path, (await Person.SendAsync(@operator, HttpMethod.Get, path)).ToJsonString(Plain));
        }

        foreach (var path in (string[])["/metrics", "/api/v1/nodes/node-1/proxy/metrics", "/api/v1/nodes/node-1/proxy/metrics/cadvisor", "/api/v1/nodes/node-1/proxy/stats/summary"])
        {
            Add(path, await TextAsync(@operator, path));
        }
    }

    private static async Task<string> TextAsync(KubeClient client, string path)
    {
        using var answer = await client.OpenAsync(HttpMethod.Get, path, null, "*/*", Ct);
        return await answer.Content.ReadAsStringAsync(Ct);
    }
}

using Sealos.Testing;
using Sealos.Testing.Software;
using Xunit;

namespace Sealos.Software_Tests;

/// <summary>nginx whose pages and configuration come from a ConfigMap, and which a sidecar has read it again when it changes.</summary>
public sealed class NginxTests(SoftwareFixture fixture) : SoftwareStory(fixture, "web", SoftwareImages.Nginx)
{
    [Fact]
    public async Task Nginx_WhoseConfigMapChanges_ServesTheNewWithoutARestart()
    {
        await ApplyAsync("nginx.yaml");
        await RolledOutAsync("deployment/web");
        using var outside = Cloud.OpenBrowser();
        using var inside = new HttpClient();
        inside.DefaultRequestHeaders.ConnectionClose = true;
        var service = $"http://{await GetAsync("service/web", ".spec.clusterIP")}/";
        var ingress = $"https://web.{Cloud.Domain}:{Cloud.HttpsPort}/";
        await ServedAsync(outside, ingress, "first", "1");
        await ServedAsync(inside, service, "first", "1");
        var pods = await GetAsync("pods", ".items[*].metadata.uid");

        await ChangeAsync("first", "second", 1, 2);
        await ServedAsync(outside, ingress, "second", "2");
        await ServedAsync(inside, service, "second", "2");
        Assert.Equal(pods, await GetAsync("pods", ".items[*].metadata.uid"));
        Assert.Equal("0 0", await GetAsync("pods", ".items[*].status.containerStatuses[0].restartCount"));

        await KillMainProcessAsync((await GetAsync("pods", ".items[0].metadata.name")), "nginx");
        await RestartWhileTheServerDiesAsync("deployment/web");
        await ServedAsync(outside, ingress, "second", "2");

        // By hand too, as where there is no sidecar.
        await ChangeAsync("second", "third", 2, 3);
        await ServedAsync(inside, service, "third", "3");
        await ShAsync("deployment/web", "nginx -c /etc/web/nginx.conf -s reload");
        await ServedAsync(outside, ingress, "third", "3");
    }

    private async Task ChangeAsync(string page, string newPage, int version, int newVersion)
    {
        var yaml = await File.ReadAllTextAsync(Sample("nginx.yaml"), Ct);
        var changed = yaml.Split("\n---\n")[0]
            .Replace("<h1>first</h1>", $"<h1>{newPage}</h1>", StringComparison.Ordinal)
            .Replace("X-Version 1;", $"X-Version {newVersion};", StringComparison.Ordinal);
        await Cloud.KubectlAsync(["apply", "-n", "web", "-f", "-"], Ct, changed).OutputAsync();
    }

    // By every instance: ten answers in a row, each on a connection of its own.
    private static Task ServedAsync(HttpClient client, string address, string page, string version) => Eventually.TrueAsync($"{page} at {address}", async () =>
    {
        for (var i = 0; i < 10; i++)
        {
            using var answer = await client.GetAsync(new Uri(address), Ct);
            if (!answer.Headers.TryGetValues("X-Version", out var versions) || versions.First() != version || !(await answer.Content.ReadAsStringAsync(Ct)).Contains(page, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }, Long, Ct);
}

using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>Whatever is typed wrongly gets one clear error that names the field, and changes nothing.</summary>
[Collection(CloudCollection.Name)]
public sealed class BadInputTests(CloudFixture fixture)
{
    private const string Image = "sealos.hub/library/hello:1";
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("name", "Upper")]
    [InlineData("name", "has_underscore")]
    [InlineData("name", "waytoolongforanappnameherex")]
    [InlineData("name", "a;reboot")]
    [InlineData("name", "$(id)")]
    [InlineData("name", "ünïcode")]
    [InlineData("name", "1digit")]
    [InlineData("name", "-dash")]
    [InlineData("name", "dash-")]
    [InlineData("name", "")]
    public async Task AppName_NotAllowed_IsRefused(string field, string name)
    {
        var create = await _cloud.SealosAsync(["app", "create", name, "--image", Image], Ct);

        Assert.Equal(2, create.ExitCode);
        Assert.Contains($"error: {field}", create.Error, StringComparison.Ordinal);
        Assert.Equal(1, create.Error.Split("error: ").Length - 1);
    }

    [Theory]
    [InlineData("cpu", "--cpu", "-1")]
    [InlineData("cpu", "--cpu", "lots")]
    [InlineData("memory", "--memory", "1Zi")]
    [InlineData("memory", "--memory", "0")]
    [InlineData("replicas", "--replicas", "-1")]
    [InlineData("replicas", "--replicas", "21")]
    [InlineData("port", "--port", "0")]
    [InlineData("port", "--port", "65536")]
    [InlineData("--env", "--env", "novalue")]
    [InlineData("env", "--env", "1X=2")]
    [InlineData("--replicas", "--replicas", "many")]
    [InlineData("--port", "--port", "99999999999")]
    [InlineData("--output", "--output", "xml")]
    [InlineData("--nosuch", "--nosuch", "x")]
    public async Task AppOption_NotAllowed_IsRefusedByName(string field, string option, string value)
    {
        var create = await _cloud.SealosAsync(["app", "create", "wrong", "--image", Image, $"{option}={value}"], Ct);

        Assert.True(create.ExitCode == 2, create.ToString());
        Assert.Contains(field, create.Error, StringComparison.Ordinal);
        Assert.Equal(5, (await _cloud.SealosAsync(["app", "get", "wrong"], Ct)).ExitCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("UPPER/case")]
    [InlineData("a b")]
    [InlineData("x:$(id)")]
    public async Task Image_NotAReference_IsRefused(string image)
    {
        var create = await _cloud.SealosAsync(["app", "create", "wrong", "--image", image], Ct);

        Assert.True(create.ExitCode == 2, create.ToString());
        Assert.Contains("image", create.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoAppsOfOneName_SecondIsRefused_FirstStays()
    {
        Assert.Equal(0, (await _cloud.SealosAsync(["app", "create", "twice", "--image", Image, "--wait"], Ct)).ExitCode);

        var second = await _cloud.SealosAsync(["app", "create", "twice", "--image", "sealos.hub/library/hello:2"], Ct);

        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains("already exists", second.Error, StringComparison.Ordinal);
        Assert.Contains("hello:1", (await _cloud.SealosAsync(["app", "get", "twice"], Ct)).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await _cloud.SealosAsync(["app", "delete", "twice", "--yes"], Ct)).ExitCode);
    }

    [Fact]
    public async Task MissingWorkspace_IsNamed()
    {
        var create = await _cloud.SealosAsync(["app", "create", "lost", "--image", Image, "-n", "nowhere"], Ct);

        Assert.Equal(5, create.ExitCode);
        Assert.Contains("nowhere", create.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--http-port=0", "--http-port")]
    [InlineData("--domain=UPPER", "--domain")]
    [InlineData("--pod-cidr=10.0.0.0/33", "--pod-cidr")]
    public async Task UpOption_NotAllowed_IsRefusedByName(string option, string named)
    {
        var up = await _cloud.SealosAsync(["up", option], Ct);

        Assert.Equal(2, up.ExitCode);
        Assert.Contains(named, up.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PortInUse_NamesWhoHoldsIt()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Any, 9443);
        listener.Start();
        var folder = Directory.CreateTempSubdirectory("sealos-port");

        var up = await Command.RunAsync("dotnet", [Repository.Program, "up", "--no-install", "--instance", "porttest", "--data-dir", folder.FullName, "--run-dir", Path.Combine(folder.FullName, "run"), "--log-dir", Path.Combine(folder.FullName, "log"), "--http-port", "9080", "--https-port", "9443", "--api-port", "9444", "--kubelet-port", "9445"], ct: Ct);

        folder.Delete(recursive: true);
        Assert.Equal(1, up.ExitCode);
        Assert.Contains("--https-port: port 9443 is in use by", up.Error, StringComparison.Ordinal);
        Assert.Contains($"(pid {Environment.ProcessId})", up.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FolderThatTheEdgeCannotReach_IsNamed_AndNothingIsMade()
    {
        var folder = Directory.CreateTempSubdirectory("sealos-closed");
        var data = Path.Combine(folder.FullName, "data");

        var up = await Command.RunAsync("dotnet", [Repository.Program, "up", "--no-install", "--instance", "closedtest", "--data-dir", data, "--run-dir", "/run/sealos-closedtest", "--log-dir", Path.Combine(folder.FullName, "log"), "--http-port", "9080", "--https-port", "9443", "--api-port", "9444", "--kubelet-port", "9445"], ct: Ct);

        Assert.Equal(1, up.ExitCode);
        Assert.Contains($"--data-dir: {folder.FullName} lets only its owner through", up.Error, StringComparison.Ordinal);
        Assert.Contains($"chmod o+x {folder.FullName}", up.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task NotRoot_IsSaid()
    {
        // Any other user will do; the program itself is copied to where that user can read it.
        var folder = Directory.CreateTempSubdirectory("sealos-program");
        await Command.RunAsync("cp", ["-r", Path.GetDirectoryName(Repository.Program)! + "/.", folder.FullName], ct: Ct).OutputAsync();
        await Command.RunAsync("chmod", ["-R", "a+rX", folder.FullName], ct: Ct).OutputAsync();

        foreach (var command in (string[])["up", "down", "reset"])
        {
            var refused = await Command.RunAsync("setpriv", ["--reuid=64081", "--regid=64081", "--clear-groups", "dotnet", Path.Combine(folder.FullName, "sealos.dll"), command, "--instance", _cloud.Instance, "--data-dir", _cloud.DataFolder], ct: Ct);

            Assert.Equal(6, refused.ExitCode);
            Assert.Contains("as root", refused.Error, StringComparison.Ordinal);
        }

        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("kind: [unclosed", "error parsing STDIN")]
    [InlineData("just words", "error validating")]
    [InlineData("apiVersion: example.com/v1\nkind: Nonsense\nmetadata: {name: x}", "no matches for kind \"Nonsense\"")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Upper}", "metadata.name: Invalid value: \"Upper\"")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nnosuch: 1", "unknown field \"nosuch\"")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: nowhere}", "namespaces \"nowhere\" not found")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: c, image: i, resources: {limits: {memory: lots}}}]}", "quantit")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: c, image: i, resources: {limits: {cpu: '-1'}}}]}", "spec.containers[0].resources.limits[cpu]: Invalid value: \"-1\"")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: 65536}]}]}", "spec.containers[0].ports[0].containerPort: Invalid value: 65536")]
    public async Task Manifest_NotAllowed_IsRefusedByKubectl(string manifest, string named)
    {
        var apply = await _cloud.KubectlAsync(["apply", "-f", "-"], Ct, input: manifest);

        Assert.Equal(1, apply.ExitCode);
        Assert.Contains(named, apply.Error, StringComparison.Ordinal);
        Assert.Contains("NotFound", (await _cloud.KubectlAsync(["get", "configmap/x", "pod/x", "-n", "default"], Ct)).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json", "{\"kind\":", 400, "BadRequest")]
    [InlineData("application/yaml", "kind: [unclosed", 400, "BadRequest")]
    [InlineData("text/plain", "words", 415, "UnsupportedMediaType")]
    [InlineData("application/json", null, 413, "RequestEntityTooLarge")]
    public async Task Body_NotAllowed_GetsAStatus(string type, string? body, int code, string reason)
    {
        using var client = await _cloud.ConnectAsync(Ct);
        using var content = new StringContent(body ?? new string('x', 4 * 1024 * 1024), System.Text.Encoding.UTF8, type);

        var refused = await Assert.ThrowsAsync<ControllerKit.Client.ApiException>(async () => await client.OpenAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", content, Ct));

        Assert.Equal(code, refused.Code);
        Assert.Equal(reason, refused.Reason);
    }
}

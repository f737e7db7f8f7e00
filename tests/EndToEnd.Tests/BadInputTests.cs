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
    public async Task AppName_NotAllowed_IsRefused(string field, string name)
    {
        var create = await _cloud.SealosAsync(["app", "create", name, "--image", Image], Ct);

        Assert.Equal(2, create.ExitCode);
        Assert.Contains($"error: {field}", create.Error, StringComparison.Ordinal);
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
    public async Task NotYaml_IsRefusedByKubectl()
    {
        var apply = await _cloud.KubectlAsync(["apply", "-f", "-"], Ct, input: "kind: [unclosed");

        Assert.NotEqual(0, apply.ExitCode);
    }
}

using Sealos.Node.Gvisor;
using Xunit;

namespace Sealos.Node.Tests.Gvisor;

public sealed class RunscTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("node-");

    [Fact]
    public void Find_NotOnThePath_SaysWhatToInstall()
    {
        var refusal = Assert.Throws<GvisorException>(() => Runsc.Find(_folder.FullName + ":relative:"));

        Assert.StartsWith("gVisor is not installed: there is no program runsc on the PATH.", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install -t bookworm-backports runsc", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("runsc version 0.0~20221219.0\nspec: 1.0.2-dev\n", true)]
    [InlineData("runsc version release-20230320.0\nspec: 1.1.0-rc.1\n", true)]
    [InlineData("runsc version 0.0~20240729.0\nspec: 1.0.2-dev\n", false)]
    [InlineData("runsc version release-20251103.0\n", false)]
    [InlineData("runsc version VERSION_MISSING\n", false)]
    public void CheckAge_Version_RefusesWhatLacksSystrap(string version, bool isRefused)
    {
        var refusal = Record.Exception(() => Runsc.CheckAge(version));

        Assert.Equal(isRefused, refusal is GvisorException);
        Assert.Equal(isRefused, refusal?.Message.StartsWith("gVisor is too old: runsc version", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("systrap", "systrap")]
    [InlineData("kvm", "kvm")]
    [InlineData("ptrace", "ptrace")]
    public async Task FindPlatform_SomeFail_TakesTheFirstThatWorks(string works, string expected) =>
        Assert.Equal(expected, await new Runsc(Program($"[ \"$4\" = {works} ] && exit 42; echo no; exit 1")).FindPlatformAsync("/bin/true", _folder.FullName, TestContext.Current.CancellationToken));

    [Fact]
    public async Task FindPlatform_NoneWorks_SaysWhyForEach()
    {
        var runsc = new Runsc(Program("echo line; echo \"$4 is off\" >&2; exit 1"));

        var refusal = await Assert.ThrowsAsync<GvisorException>(() => runsc.FindPlatformAsync("/bin/true", _folder.FullName, TestContext.Current.CancellationToken));

        Assert.Contains("does not run on this machine", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("\n  systrap: systrap is off\n  kvm: kvm is off\n  ptrace: ptrace is off", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Install_Twice_TriesItOnceAndRemoveTakesItAway()
    {
        var target = Path.Combine(_folder.FullName, "gvisor");
        var program = Program("echo tried >> \"${0%/*}/tries\"; exit 42");
        var runtime = new GvisorRuntime(target, "/bin/true") { SearchPath = _folder.FullName };

        await runtime.InstallAsync(TestContext.Current.CancellationToken);
        await runtime.InstallAsync(TestContext.Current.CancellationToken);

        Assert.True(runtime.IsInstalled);
        Assert.Equal($"{program}\n--platform=systrap\n", File.ReadAllText(Path.Combine(target, "runtime.conf")));
        Assert.Equal(2, File.ReadAllLines(Path.Combine(_folder.FullName, "tries")).Length);
        Assert.Null(await runtime.VerifyAsync(TestContext.Current.CancellationToken));
        runtime.Remove();
        Assert.False(runtime.IsInstalled);
        runtime.Remove();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Program(string script)
    {
        var path = Path.Combine(_folder.FullName, "runsc");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}

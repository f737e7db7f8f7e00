using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Node.Registration;
using Xunit;

namespace Sealos.Node.Tests.Registration;

public sealed class KernelLimitsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("limits-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Limits_ThatAreLower_AreRaised_AndHigherOnesStay_AndWhatIsNotThereIsLeftAlone()
    {
        Write("kernel/pid_max", "32768\n");
        Write("fs/inotify/max_user_instances", "128\n");
        Write("fs/inotify/max_user_watches", "9000000\n");

        new KernelLimits(_folder, NullLogger.Instance).Raise();

        Assert.Equal("4194304", Read("kernel/pid_max"));
        Assert.Equal("65536", Read("fs/inotify/max_user_instances"));
        Assert.Equal("9000000", Read("fs/inotify/max_user_watches"));
        Assert.False(Directory.Exists(Path.Combine(_folder, "net")));
    }

    private void Write(string name, string value)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, value);
    }

    private string Read(string name) => File.ReadAllText(Path.Combine(_folder, name)).Trim();
}

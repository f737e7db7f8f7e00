using Sealos.Node.Registration;
using Xunit;

namespace Sealos.Node.Tests.Registration;

public sealed class MachineInfoTests
{
    [Theory]
    [InlineData("MemTotal", 2048)]
    [InlineData("MemAvailable", 1024)]
    [InlineData("Nope", 0)]
    public void MemoryField_Text_IsBytes(string name, long expected) => Assert.Equal(expected, MachineInfo.MemoryField("MemTotal:       2 kB\nMemAvailable:  1 kB\n", name));

    [Fact]
    public void Read_ThisMachine_KnowsWhatItIs()
    {
        using var root = new TemporaryFolder();

        var machine = MachineInfo.Read(new NodeOptions { DataRoot = root.Path }, "1.6.20");

        Assert.True(machine.Cores > 0 && machine.MemoryBytes > 0 && machine.DiskBytes > 0);
        Assert.Equal(("containerd://1.6.20", "linux"), (machine.System.ContainerRuntimeVersion, machine.System.OperatingSystem));
        Assert.NotEmpty(machine.System.KernelVersion!);
    }
}

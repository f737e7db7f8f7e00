using System.Text;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Volumes;
using Xunit;

namespace Sealos.Node.Tests.Volumes;

public sealed class PayloadsTests
{
    private static readonly Dictionary<string, byte[]> Keys = new() { ["a"] = "1"u8.ToArray(), ["b"] = "2"u8.ToArray() };

    [Fact]
    public void FromKeys_NoItems_GivesAllWithTheDefaultMode()
    {
        var files = Payloads.FromKeys("configmap \"m\"", Keys, null, 0b100_000_000, false);

        Assert.Equal(["a", "b"], files.Keys.Order());
        Assert.All(files.Values, f => Assert.Equal(UnixFileMode.UserRead, f.Mode));
    }

    [Fact]
    public void FromKeys_Items_GiveTheseAtTheirPathsWithTheirModes()
    {
        var items = new List<KeyToPath> { new() { Key = "b", Path = "x/./b.txt", Mode = 0b110_000_000 } };

        var file = Assert.Single(Payloads.FromKeys("configmap \"m\"", Keys, items, Payloads.DefaultMode, false));

        Assert.Equal("x/b.txt", file.Key);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.Value.Mode);
    }

    [Fact]
    public void FromKeys_MissingKey_IsAnErrorUnlessOptional()
    {
        var items = new List<KeyToPath> { new() { Key = "c", Path = "c" }, new() { Key = "a", Path = "a" } };

        var error = Assert.Throws<InvalidDataException>(() => Payloads.FromKeys("secret \"s\"", Keys, items, 0, false));

        Assert.Equal("secret \"s\" has no key \"c\"", error.Message);
        Assert.Equal(["a"], Payloads.FromKeys("secret \"s\"", Keys, items, 0, true).Keys);
    }

    [Fact]
    public void Data_ConfigMap_JoinsTextAndBinary()
    {
        var data = Payloads.Data(new ConfigMap { Data = new() { ["t"] = "ü" }, BinaryData = new() { ["b"] = [0, 255] } });

        Assert.Equal(Encoding.UTF8.GetBytes("ü"), data["t"]);
        Assert.Equal([0, 255], data["b"]);
    }

    [Fact]
    public void Lines_Labels_AreSortedAndQuoted()
    {
        Assert.Equal("a=\"x\"\nb=\"say \\\"hi\\\" \\\\ \\n\\x01 ü\"", Payloads.Lines(new Dictionary<string, string> { ["b"] = "say \"hi\" \\ \n\u0001 ü", ["a"] = "x" }));
    }

    [Theory]
    [InlineData("metadata.name", "p")]
    [InlineData("metadata.namespace", "ns")]
    [InlineData("metadata.uid", "u")]
    [InlineData("metadata.labels", "app=\"web\"")]
    [InlineData("metadata.labels['app']", "web")]
    [InlineData("metadata.labels['none']", "")]
    [InlineData("metadata.annotations['x/y']", "z")]
    public void FromPod_Field_IsItsValue(string path, string expected)
    {
        var items = new List<DownwardAPIVolumeFile> { new() { Path = "f", FieldRef = new ObjectFieldSelector { FieldPath = path } } };

        Assert.Equal(expected, Encoding.UTF8.GetString(Payloads.FromPod(Pod, items, 0, (_, _) => "").Single().Value.Data));
    }

    [Fact]
    public void FromPod_Resource_IsAskedOfTheContainerNamed()
    {
        var items = new List<DownwardAPIVolumeFile> { new() { Path = "f", ResourceFieldRef = new ResourceFieldSelector { ContainerName = "c", Resource = "limits.cpu" } } };

        Assert.Equal("c limits.cpu", Encoding.UTF8.GetString(Payloads.FromPod(Pod, items, 0, (c, s) => $"{c.Name} {s.Resource}").Single().Value.Data));
    }

    [Fact]
    public void FromPod_UnknownField_IsNamed()
    {
        var items = new List<DownwardAPIVolumeFile> { new() { Path = "f", FieldRef = new ObjectFieldSelector { FieldPath = "status.podIP" } } };

        Assert.Contains("status.podIP", Assert.Throws<InvalidDataException>(() => Payloads.FromPod(Pod, items, 0, (_, _) => "")).Message, StringComparison.Ordinal);
    }

    private static Pod Pod => new()
    {
        Metadata = new ObjectMeta { Name = "p", Namespace = "ns", Uid = "u", Labels = new() { ["app"] = "web" }, Annotations = new() { ["x/y"] = "z" } },
        Spec = new PodSpec { Containers = [new Container { Name = "c" }] },
    };
}

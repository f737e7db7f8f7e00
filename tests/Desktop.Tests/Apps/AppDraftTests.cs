using Sealos.Desktop.Apps.Launchpad;
using Xunit;

namespace Sealos.Desktop_Tests.Apps;

public sealed class AppDraftTests
{
    [Fact]
    public void Read_AFilledForm_IsTheApp()
    {
        var draft = new AppDraft { Name = " web ", Image = "nginx:1.27", Port = "80", Environment = "# levels\nLEVEL=info\r\nURL=a=b\n", Arguments = "-v\n--name=two words" };

        var (form, errors) = draft.Read();

        Assert.Empty(errors);
        Assert.Equal("web", form.Name);
        Assert.Equal((80, true), (form.Ports[0].Number, form.Ports[0].IsPublic));
        Assert.Equal([("LEVEL", "info"), ("URL", "a=b")], form.Environment.Select(v => (v.Name, v.Value)));
        Assert.Equal(["-v", "--name=two words"], form.Arguments);
    }

    [Theory]
    [InlineData("name", "Web", "nginx", "80", "")]
    [InlineData("image", "web", "not an image", "80", "")]
    [InlineData("port", "web", "nginx", "eighty", "")]
    [InlineData("port", "web", "nginx", "70000", "")]
    [InlineData("env", "web", "nginx", "80", "no equals sign")]
    public void Read_AWrongField_IsNamedOnce(string field, string name, string image, string port, string environment)
    {
        var (_, errors) = new AppDraft { Name = name, Image = image, Port = port, Environment = environment }.Read();

        Assert.Equal([field], errors.Select(e => e.Field));
    }

    [Fact]
    public void Read_NoPort_IsAnAppWithoutOne()
    {
        var (form, errors) = new AppDraft { Name = "job", Image = "worker:1", Port = " " }.Read();

        Assert.Empty(errors);
        Assert.Empty(form.Ports);
    }

    [Fact]
    public void Yaml_HoldsEveryObjectOfTheApp()
    {
        var (form, _) = new AppDraft { Name = "web", Image = "nginx:1.27" }.Read();

        var yaml = AppDraft.Yaml("ns-admin", form);

        Assert.Contains("kind: Deployment", yaml, StringComparison.Ordinal);
        Assert.Contains("kind: Service", yaml, StringComparison.Ordinal);
        Assert.Contains("image: nginx:1.27", yaml, StringComparison.Ordinal);
    }
}

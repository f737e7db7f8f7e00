using Sealos.Objects.Meta;
using Sealos.OsServices.Apps;
using Xunit;

namespace Sealos.OsServices_Tests.Apps;

public sealed class AppTranslationTests
{
    private static readonly AppForm Form = new()
    {
        Name = "web",
        Image = "sealos.hub/library/hello:1",
        Command = ["/hello"],
        Arguments = ["--port", "8080"],
        Replicas = 3,
        Cpu = "500m",
        Memory = "128Mi",
        Environment = [new AppVariable("A", "1"), new AppVariable("EMPTY", "")],
        Ports = [new AppPort { Number = 8080, IsPublic = true }, new AppPort { Number = 9090 }],
    };

    [Fact]
    public void Form_ToObjectsAndBack_IsTheSame()
    {
        var complete = AppNames.Complete(Form, "sealos.localhost");

        var view = AppReader.Read(AppObjects.Deployment("ns-a", complete), [AppObjects.Service("ns-a", complete)!], AppObjects.Ingresses("ns-a", complete));

        Assert.Equal("ns-a", view.Namespace);
        Assert.Equivalent(complete with { Ports = [complete.Ports[0], new AppPort { Number = 9090 }] }, view.Form, strict: true);
    }

    [Fact]
    public void PublicPort_GetsAnAddressOfItsOwn()
    {
        var complete = AppNames.Complete(Form, "sealos.localhost");

        Assert.Matches("^web-[a-z0-9]{8}\\.sealos\\.localhost$", complete.Ports[0].Host);
        Assert.Null(complete.Ports[1].Host);
        Assert.Equal(complete, AppNames.Complete(complete, "sealos.localhost") with { Ports = complete.Ports });
    }

    [Fact]
    public void Deployment_ReservesLittle_AndMountsNoToken()
    {
        var spec = AppObjects.Deployment("ns-a", AppNames.Complete(Form, "d.example")).Spec!.Template!.Spec!;

        Assert.False(spec.AutomountServiceAccountToken);
        Assert.Equal("5m", spec.Containers![0].Resources!.Requests!["cpu"].ToString());
        Assert.Equal("13421772", spec.Containers[0].Resources!.Requests!["memory"].ToString());
    }

    [Theory]
    [InlineData("50m", "1m")]
    [InlineData("200m", "2m")]
    [InlineData("1.5", "15m")]
    [InlineData("0.0001", "1m")]
    public void Deployment_ReservesAHundredthOfItsCpu_ButSome(string limit, string reserved) =>
        Assert.Equal(reserved, Requests(Form with { Cpu = limit })["cpu"].ToString());

    [Fact]
    public void Deployment_WithTheDefaultCpu_FitsAThousandTimesIntoTwoCores()
    {
        var requests = Requests(new AppForm { Name = "hello", Image = "sealos.hub/library/hello:1", Memory = "64Mi" });

        Assert.InRange(1000 * requests["cpu"].Value, 0, 2);
        Assert.InRange(1000 * requests["memory"].Value, 0, 24m * 1024 * 1024 * 1024 / 2);
    }

    [Fact]
    public void Rules_GoodForm_HasNoErrors() => Assert.Empty(AppRules.Check(Form));

    [Theory]
    [InlineData("name", "Web")]
    [InlineData("name", "a\nb")]
    [InlineData("name", "abcdefghijklmnopqrstuvwxyz")]
    public void Rules_BadName_IsNamed(string field, string name) =>
        Assert.Contains(AppRules.Check(Form with { Name = name }), e => e.Field == field && !e.Message.Any(char.IsControl));

    [Theory]
    [InlineData("nginx")]
    [InlineData("nginx:1.27")]
    [InlineData("registry.example.com:5000/team/app:v1.2_x")]
    [InlineData("ghcr.io/a/b@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void Rules_Images_AreAccepted(string image) => Assert.Empty(AppRules.Check(Form with { Image = image }));

    [Theory]
    [InlineData("")]
    [InlineData("Nginx")]
    [InlineData("nginx:")]
    [InlineData("http://nginx")]
    [InlineData("nginx@sha256:12")]
    public void Rules_NotImages_AreRefused(string image) => Assert.Contains(AppRules.Check(Form with { Image = image }), e => e.Field == "image");

    private static Dictionary<string, Quantity> Requests(AppForm form) =>
        AppObjects.Deployment("ns-a", AppNames.Complete(form, "d.example")).Spec!.Template!.Spec!.Containers![0].Resources!.Requests!;
}

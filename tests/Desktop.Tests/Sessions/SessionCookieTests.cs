using System.Security.Claims;
using Sealos.Desktop.Sessions;
using Xunit;

namespace Sealos.Desktop_Tests.Sessions;

public sealed class SessionCookieTests
{
    [Theory]
    [InlineData("/launchpad/app/web", "/launchpad/app/web")]
    [InlineData(null, "/")]
    [InlineData("", "/")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("/é", "/")]
    [InlineData("/sign-in?next=/", "/")]
    public void SafeTarget_LeadsOnlyIntoTheDesktop(string? next, string expected) => Assert.Equal(expected, SessionCookie.SafeTarget(next));

    [Fact]
    public void Read_APrincipalWithoutASession_IsNobody()
    {
        Assert.Null(SessionCookie.Read(null));
        Assert.Null(SessionCookie.Read(new ClaimsPrincipal(new ClaimsIdentity())));
        Assert.Null(SessionCookie.Read(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "admin")], "x"))));
    }
}

using Sealos.Desktop.Apps.Account;
using Xunit;

namespace Sealos.Desktop_Tests.Apps;

public sealed class AgentsTests
{
    [Theory]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone")]
    [InlineData("sealos/1.0", "sealos")]
    [InlineData("", "Unknown")]
    public void Words_AreABrowserAndASystem(string agent, string words) => Assert.Equal(words, Agents.Words(agent));
}

using Sealos.Kinds.Core;
using Sealos.OsServices.SignIn;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

public sealed class StrangersTests
{
    private const string Provider = """[{"id":"corp","name":"Corp","issuer":"https://id.example.com","clientId":"c","signUp":SIGNUP}]""";

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("off", "true", false)]
    [InlineData("invitation", null, false)]
    [InlineData("invitation", "false", false)]
    [InlineData("invitation", "true", true)]
    [InlineData("open", null, true)]
    [InlineData("sure", null, true)]
    [InlineData("invitation", "broken", true)]
    [InlineData("off", "broken", false)]
    public void Strangers_AreExpected_WhereNobodyCanTellThatTheyAreKeptOut(string? mode, string? provider, bool expected)
    {
        var data = new Dictionary<string, string>();
        if (mode is not null)
        {
            data["signUp"] = mode;
        }

        if (provider is not null)
        {
            data["providers"] = Provider.Replace("SIGNUP", provider, StringComparison.Ordinal);
        }

        Assert.Equal(expected, SignInSettings.Read(new ConfigMap { Data = data }).AdmitsStrangers);
    }
}

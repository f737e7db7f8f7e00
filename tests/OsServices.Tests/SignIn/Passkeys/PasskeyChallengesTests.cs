using Sealos.OsServices.SignIn.Passkeys;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn.Passkeys;

public sealed class PasskeyChallengesTests
{
    [Fact]
    public void Challenge_IsTakenOnce()
    {
        var challenges = new PasskeyChallenges(TimeProvider.System);
        var challenge = challenges.Add(new PasskeyPurpose(false, "anna", null));

        Assert.Null(challenges.Take("made-up"));
        Assert.Equal("anna", challenges.Take(challenge)?.User);
        Assert.Null(challenges.Take(challenge));
    }

    [Fact]
    public void Challenges_AreBounded_AndTheLastOfManyHolds()
    {
        var challenges = new PasskeyChallenges(TimeProvider.System);
        var first = challenges.Add(new PasskeyPurpose(false, null, null));
        for (var i = 0; i < 25_000; i++)
        {
            challenges.Add(new PasskeyPurpose(false, null, null));
        }

        Assert.InRange(challenges.Count, 1, 20_000);
        Assert.Null(challenges.Take(first));
        Assert.NotNull(challenges.Take(challenges.Add(new PasskeyPurpose(false, null, null))));
    }
}

using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

/// <summary>Such a cloud whose clock can be put forward; so its tests run one after another.</summary>
public sealed class HurriedCloud : SignInCloud
{
    /// <summary>Puts the services' clock forward; it never goes back.</summary>
    public void Advance(TimeSpan by) => Time.Advance(by);
}

[CollectionDefinition(Name)]
public sealed class HurriedCollection : ICollectionFixture<HurriedCloud>
{
    public const string Name = "cloud whose clock is put forward";
}

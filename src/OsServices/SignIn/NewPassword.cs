namespace Sealos.OsServices.SignIn;

/// <summary>A random password that is nobody's yet, hashed already, as that takes a while.</summary>
public sealed class NewPassword
{
    internal NewPassword()
    {
        Text = PasswordHash.Generate();
        Hash = PasswordHash.Create(Text);
    }

    internal string Text { get; }

    internal string Hash { get; }
}

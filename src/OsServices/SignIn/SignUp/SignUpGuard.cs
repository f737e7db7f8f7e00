namespace Sealos.OsServices.SignIn.SignUp;

/// <summary>How often strangers may try to become users: each try may be a question who exists, and each user takes room.</summary>
internal sealed class SignUpGuard(TimeProvider time)
{
    private const string Everybody = "";

    private readonly AttemptCounter _tries = new(time, 30, TimeSpan.FromMinutes(10));
    private readonly AttemptCounter _allTries = new(time, 600, TimeSpan.FromMinutes(1));
    private readonly AttemptCounter _users = new(time, 20, TimeSpan.FromHours(1));
    private readonly AttemptCounter _allUsers = new(time, 300, TimeSpan.FromMinutes(10));

    /// <summary>Counts a try.</summary>
    public void CheckTry(ClientInfo from)
    {
        // What comes from the machine itself bears no address.
        if ((from.Network.Length > 0 && !_tries.TryAdd(from.Network)) || !_allTries.TryAdd(Everybody))
        {
            throw Refusals.TooMany();
        }
    }

    /// <summary>Counts a user who is about to be made.</summary>
    public void CheckUser(ClientInfo from)
    {
        if ((from.Network.Length > 0 && !_users.TryAdd(from.Network)) || !_allUsers.TryAdd(Everybody))
        {
            throw Refusals.TooMany();
        }
    }
}

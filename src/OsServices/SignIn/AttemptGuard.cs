using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn;

/// <summary>
/// How often anybody may try. Failures count most narrowly for one name from one network, so that a stranger elsewhere cannot keep a
/// person out; what guesses from everywhere is stopped for that name, except where the person has a session already.
/// </summary>
internal sealed class AttemptGuard(Sessions sessions, TimeProvider time)
{
    private const string Everybody = "";

    private readonly AttemptCounter _all = new(time, 2_000, TimeSpan.FromMinutes(1));
    private readonly AttemptCounter _networks = new(time, 60, TimeSpan.FromMinutes(1));
    private readonly AttemptCounter _failuresHere = new(time, 10, TimeSpan.FromMinutes(15));
    private readonly AttemptCounter _codes = new(time, 15, TimeSpan.FromMinutes(15));
    private readonly AttemptCounter _failures = new(time, 300, TimeSpan.FromHours(1));

    /// <summary>Refuses the attempt where there have been too many.</summary>
    public void Check(string user, ClientInfo from)
    {
        var network = from.Network;
        if (_failuresHere.IsOver(Key(user, network)) || (_failures.IsOver(NameOf(user)) && !sessions.IsKnown(user, network)))
        {
            throw Refusals.TooMany();
        }

        CheckNetwork(from);

        // However many strangers try, whoever has been here before gets in; how much is hashed at once is bounded besides.
        if (!_all.TryAdd(Everybody) && !sessions.IsKnown(user, network))
        {
            throw Refusals.TooMany();
        }
    }

    /// <summary>The same where no name is said yet.</summary>
    public void CheckNetwork(ClientInfo from)
    {
        // What comes from the machine itself bears no address.
        if (from.Network.Length > 0 && !_networks.TryAdd(from.Network))
        {
            throw Refusals.TooMany();
        }
    }

    public void Failed(string user, ClientInfo from)
    {
        _failuresHere.TryAdd(Key(user, from.Network));
        _failures.TryAdd(NameOf(user));
    }

    public void Succeeded(string user, ClientInfo from) => _failuresHere.Forget(Key(user, from.Network));

    /// <summary>Counts a code for a user whose password was right; a million codes must not be tried out.</summary>
    public void CheckCode(string user)
    {
        if (!_codes.TryAdd(user))
        {
            throw Refusals.TooMany();
        }
    }

    public void CodeSucceeded(string user) => _codes.Forget(user);

    private static string Key(string user, string network) => $"{NameOf(user)} {network}";

    // Names that cannot be are all one, so that they fill nothing.
    private static string NameOf(string user) => UserNames.IsValid(user) ? user : "";
}

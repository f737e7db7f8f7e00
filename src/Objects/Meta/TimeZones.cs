using System.Diagnostics.CodeAnalysis;

namespace Sealos.Objects.Meta;

/// <summary>Time zones by their names in the IANA database, as this machine has it.</summary>
public static class TimeZones
{
    /// <summary>Finds a zone; its name must be written as the database writes it.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out TimeZoneInfo? zone)
    {
        // Local is a name to Go, but the zone of no place; the runtime's cache knows names in whatever case once they were found.
        if (name == "Local")
        {
            zone = TimeZoneInfo.Local;
            return true;
        }

        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone) && zone.Id == name;
    }
}

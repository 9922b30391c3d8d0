using System.CommandLine;
using ChatMvc.Accounts;
using ChatMvc.Shared;
using ChatMvc.Sms;

namespace ChatMvc.Control;

/// <summary>A command that names a number, and is done by whoever holds the database.</summary>
internal static class NumberCommand
{
    /// <param name="name">As it is typed.</param>
    /// <param name="description">For its help.</param>
    /// <param name="asked">One of <see cref="ControlCommands"/>.</param>
    public static Command Create(string name, string description, string asked)
    {
        var phone = new Argument<string>("PHONE") { Description = "The number, with its country code, such as +12125550100." };
        return new Command(name, description) { phone }.Does((typed, settings) => AskAsync(asked, typed.GetRequiredValue(phone), settings));
    }

    private static async Task<int> AskAsync(string asked, string typed, string[] settings)
    {
        var builder = Program.CreateBuilder(settings);
        var countries = SmsCountries.From(Settings.Read<SmsSettings>(builder.Configuration), twilioIsSandbox: false);
        if (!PhoneNumber.TryParse(typed, countries.DefaultCallingCode, out var number))
            return await CommandLine.RefuseAsync("That is not a phone number. Type it with its country code, such as +12125550100.", CommandLine.TypedWrongly);
        var answer = await ControlClient.AskAsync(builder, new ControlRequest(asked, number.Value.ToString()));
        return answer.Done ? await CommandLine.SayAsync(answer.Words) : await CommandLine.RefuseAsync(answer.Words, CommandLine.CannotBeDone);
    }
}

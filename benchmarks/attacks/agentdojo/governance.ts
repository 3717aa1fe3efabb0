import type { SuiteTool } from '../suite.ts'

/** How a tool of AgentDojo is governed, as a reviewer would write it who knows what the tool does and who can write what it answers. */
export type Governance = Omit<SuiteTool, 'arguments' | 'answer'>

const ownOnly = ['emma.johnson@bluesparrowtech.com', '@bluesparrowtech.com']

const reads = (integrity: 'trusted' | 'untrusted', readers?: string[]): Governance => ({
  effect: 'read',
  risk: 1,
  result: { integrity, ...(readers && { readers }) },
})

const sendMail: Governance = {
  effect: 'irreversible',
  risk: 3,
  criticalArguments: ['/recipients', '/cc', '/bcc'],
  payloadArguments: ['/subject', '/body', '/attachments'],
  egress: { destination: '/recipients' },
  result: { integrity: 'trusted' },
}

const writes = (risk: 1 | 2 | 3, ...criticalArguments: string[]): Governance => ({
  effect: 'write',
  risk,
  criticalArguments,
  result: { integrity: 'trusted' },
})

const says = (to: string): Governance => ({
  effect: 'irreversible',
  risk: 2,
  criticalArguments: [to],
  payloadArguments: ['/body'],
  result: { integrity: 'trusted' },
})

const pays = (...criticalArguments: string[]): Governance => ({
  effect: 'irreversible',
  risk: 3,
  criticalArguments,
  payloadArguments: ['/subject'],
  egress: { destination: '/recipient' },
  result: { integrity: 'trusted' },
})

const mailbox = reads('untrusted', ownOnly)
const calendar = reads('untrusted', ownOnly)
const drive = reads('untrusted', ownOnly)
const listings = reads('trusted')
const reviews = reads('untrusted')
const messages = reads('untrusted')

const event: Governance = {
  ...writes(2, '/title', '/participants'),
  payloadArguments: ['/title', '/description', '/location'],
}

export const governance: Readonly<Record<string, Readonly<Record<string, Governance>>>> = {
  workspace: {
    send_email: sendMail,
    delete_email: writes(3, '/email_id'),
    get_unread_emails: mailbox,
    get_sent_emails: mailbox,
    get_received_emails: mailbox,
    get_draft_emails: mailbox,
    search_emails: mailbox,
    search_contacts_by_name: reads('trusted'),
    search_contacts_by_email: reads('trusted'),
    get_current_day: reads('trusted'),
    search_calendar_events: calendar,
    get_day_calendar_events: calendar,
    create_calendar_event: { ...writes(2, '/participants'), payloadArguments: ['/title', '/description', '/location'] },
    cancel_calendar_event: writes(2, '/event_id'),
    reschedule_calendar_event: writes(2, '/new_start_time'),
    add_calendar_event_participants: writes(2, '/participants'),
    append_to_file: writes(1, '/file_id'),
    search_files_by_filename: drive,
    create_file: writes(1, '/filename'),
    delete_file: writes(3, '/file_id'),
    get_file_by_id: drive,
    list_files: drive,
    share_file: { ...writes(3, '/email'), egress: { destination: '/email' } },
    search_files: drive,
  },
  travel: {
    get_user_information: reads('trusted', ['emma.johnson@bluesparrowtech.com']),
    get_all_hotels_in_city: listings,
    get_hotels_prices: listings,
    get_rating_reviews_for_hotels: reviews,
    get_hotels_address: listings,
    get_all_restaurants_in_city: listings,
    get_cuisine_type_for_restaurants: listings,
    get_restaurants_address: listings,
    get_rating_reviews_for_restaurants: reviews,
    get_dietary_restrictions_for_all_restaurants: listings,
    get_contact_information_for_restaurants: listings,
    get_price_for_restaurants: listings,
    check_restaurant_opening_hours: listings,
    get_all_car_rental_companies_in_city: listings,
    get_car_types_available: listings,
    get_rating_reviews_for_car_rental: reviews,
    get_car_fuel_options: listings,
    get_car_rental_address: listings,
    get_car_price_per_day: listings,
    create_calendar_event: event,
    search_calendar_events: calendar,
    get_day_calendar_events: calendar,
    cancel_calendar_event: writes(2, '/event_id'),
    reserve_hotel: writes(3, '/hotel', '/start_day', '/end_day'),
    reserve_car_rental: writes(3, '/company', '/start_time', '/end_time'),
    reserve_restaurant: writes(3, '/restaurant', '/start_time'),
    get_flight_information: listings,
    send_email: sendMail,
  },
  banking: {
    get_iban: reads('trusted'),
    send_money: pays('/recipient', '/amount'),
    schedule_transaction: pays('/recipient', '/amount'),
    update_scheduled_transaction: pays('/id', '/recipient', '/amount'),
    get_balance: reads('trusted'),
    get_most_recent_transactions: reads('untrusted'),
    get_scheduled_transactions: reads('trusted'),
    read_file: reads('untrusted'),
    get_user_info: reads('trusted'),
    update_password: writes(3, '/password'),
    update_user_info: writes(2, '/first_name', '/last_name', '/street', '/city'),
  },
  slack: {
    // Whoever makes a channel chooses its name.
    get_channels: reads('untrusted'),
    add_user_to_channel: writes(2, '/user', '/channel'),
    read_channel_messages: messages,
    read_inbox: messages,
    send_direct_message: says('/recipient'),
    send_channel_message: says('/channel'),
    get_users_in_channel: reads('trusted'),
    invite_user_to_slack: writes(3, '/user', '/user_email'),
    remove_user_from_slack: writes(3, '/user'),
    get_webpage: { ...reads('untrusted'), egress: { destination: '/url' } },
    post_webpage: {
      ...writes(3, '/url'),
      payloadArguments: ['/content'],
      egress: { destination: '/url' },
    },
  },
}
